import type { PingListener } from '@stack/ipv4';
import type { Undo } from '@stack/plugin';
import { DropReason, ip, skbClone, type SkBuff } from '@stack/skb';
import { skbSetOwnerR, skFilter, type Proto } from '@stack/sock';
import { trace, tracing } from '@stack/trace';
import { DatagramSock } from '../datagram/datagram-sock.ts';
import { tellError } from '../datagram/tell-error.ts';
import type { PingState } from './ping-state.ts';

/** A socket of SOCK_DGRAM and IPPROTO_ICMP. Its port is the identifier of its echo requests. */
export class PingSock extends DatagramSock<PingState> implements PingListener {
  readonly proto: Proto<PingSock>;
  /** @internal Gives the identifier back. */
  release: Undo | null = null;

  constructor(home: PingState, proto: Proto<PingSock>) {
    super(home);
    this.proto = proto;
    home.sockets.add(this);
  }

  /** A reply with our identifier. @kernel net/ipv4/ping.c ping_queue_rcv_skb() */
  reply(skb: SkBuff): void {
    if (this.rcvSaddr !== 0 && this.rcvSaddr !== ip.daddr(skb)) return;
    if (this.boundDevIf !== 0 && this.boundDevIf !== skb.dev?.ifindex) return;
    this.backlogRcv(skbClone(skb));
  }

  /** @kernel net/ipv4/ping.c ping_err() */
  error(type: number, code: number): void {
    tellError(this, type, code);
  }

  backlogRcv(skb: SkBuff): void {
    if (tracing.on) trace('ping_queue_rcv_skb', skb);
    if (this.rmemAlloc > this.rcvbuf || !skFilter(this, skb, 0)) {
      this.drops++;
      skb.drop(this.rmemAlloc > this.rcvbuf ? DropReason.SOCKET_RCVBUFF : DropReason.SOCKET_FILTER);
      return;
    }
    skb.dst = null;
    skbSetOwnerR(skb, this);
    this.receiveQueue.push(skb);
    this.dataReady();
  }
}
