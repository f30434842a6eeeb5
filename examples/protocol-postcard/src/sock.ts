import { Sock, SOCK_DGRAM, SockSettings, type Proto, type ProtoMemory } from '@stack/sock';
import type { SkBuff } from '@stack/skb';
import { PROTOCOL, type PostOffice } from './post-office.ts';
import { postcardProto } from './proto.ts';
import { queue } from './receive.ts';

const UNSET = new SockSettings();

export class PostcardSock extends Sock {
  readonly office: PostOffice;
  readonly proto = postcardProto as Proto;
  readonly type = SOCK_DGRAM;
  readonly protocol = PROTOCOL;

  constructor(office: PostOffice) {
    super(UNSET, office.net.rmemDefault, office.net.wmemDefault);
    this.office = office;
  }

  get memory(): ProtoMemory {
    return this.office.memory;
  }

  backlogRcv(skb: SkBuff): void {
    queue(this, skb);
  }
}
