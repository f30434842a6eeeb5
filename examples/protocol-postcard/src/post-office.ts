import type { Flow4, IpOutput } from '@stack/ipv4';
import type { SkbPool } from '@stack/skb';
import { ProtoMemory, type SockNet } from '@stack/sock';
import type { PostcardSock } from './sock.ts';

/** For experiments. @rfc 3692 2.1 */
export const PROTOCOL = 253;
/** Two box numbers. */
export const HEADER = 4;
/** Boxes that are given to those who do not ask for one. */
const FIRST_OWN = 0x8000;

/** The boxes of a host. */
export class PostOffice {
  readonly ip: IpOutput;
  readonly pool: SkbPool;
  readonly net: SockNet;
  readonly memory = new ProtoMemory(1 << 20, 2 << 20, 4 << 20);
  readonly flow: Flow4 = { daddr: 0, saddr: 0, protocol: PROTOCOL, tos: 0, mark: 0, oif: 0 };
  #boxes = new Map<number, PostcardSock>();

  constructor(ip: IpOutput, pool: SkbPool, net: SockNet) {
    this.ip = ip;
    this.pool = pool;
    this.net = net;
  }

  get sockets(): Iterable<PostcardSock> {
    return this.#boxes.values();
  }

  at(box: number): PostcardSock | undefined {
    return this.#boxes.get(box);
  }

  /** Gives a socket a box, any one for 0. False when it is taken. */
  give(sk: PostcardSock, wanted: number): boolean {
    let box = wanted || FIRST_OWN;
    while (wanted === 0 && this.#boxes.has(box)) box++;
    if (box > 0xffff || this.#boxes.has(box)) return false;
    this.#boxes.set(box, sk);
    sk.boundPort = box;
    return true;
  }

  take(sk: PostcardSock): void {
    if (this.#boxes.get(sk.boundPort) === sk) this.#boxes.delete(sk.boundPort);
    sk.boundPort = 0;
  }
}
