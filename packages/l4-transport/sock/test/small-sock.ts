import { seededRandom } from '@stack/clock';
import type { SkBuff } from '@stack/skb';
import {
  InetHashinfo,
  ProtoMemory,
  Sock,
  SOCK_STREAM,
  SockSettings,
  SockNet,
  TCP_ESTABLISHED,
  type Proto,
} from '../src/index.ts';

/** A socket that notes what happens to it. */
export class SmallSock extends Sock {
  readonly proto = null as unknown as Proto;
  readonly type = SOCK_STREAM;
  readonly protocol = 6;
  readonly memory = new ProtoMemory(1e5, 2e5, 3e5);
  readonly received: number[] = [];
  released = 0;
  spaces = 0;
  onRelease: (() => void) | null = null;
  onBacklog: ((skb: SkBuff) => void) | null = null;

  constructor() {
    super(new SockSettings(), 10_000, 20_000);
  }

  /** Sets state and settings as given. */
  set({ reuse = false, reuseport = false, ...fields }: Partial<SmallSock>): this {
    this.settings = this.settings.with({ reuse, reuseport });
    return Object.assign(this, fields);
  }

  backlogRcv(skb: SkBuff): void {
    this.received.push(skb.len);
    this.onBacklog?.(skb);
    skb.consume();
  }

  override releaseCb(): void {
    this.released++;
    this.onRelease?.();
  }

  override writeSpace(): void {
    this.spaces++;
    super.writeSpace();
  }
}

export const hashinfo = (seed = 7): InetHashinfo => new InetHashinfo(new SockNet(seededRandom(seed)));

/** A socket with a four-tuple. */
export function connection(raddr: number, rport: number, laddr: number, lport: number): SmallSock {
  const sk = new SmallSock();
  sk.state = TCP_ESTABLISHED;
  sk.rcvSaddr = laddr;
  sk.boundPort = lport;
  sk.daddr = raddr;
  sk.dport = rport;
  return sk;
}
