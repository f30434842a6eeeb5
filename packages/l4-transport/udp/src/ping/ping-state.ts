import { IPPROTO_ICMP, type Ipv4 } from '@stack/ipv4';
import { DatagramHome, type DatagramFloor } from '../datagram/datagram-home.ts';
import type { PingSock } from './ping-sock.ts';

/** Ping sockets of one host: programs that send echo requests without root. @kernel net/ipv4/ping.c struct ping_table */
export class PingState extends DatagramHome {
  override readonly ipv4: Ipv4;
  readonly sockets = new Set<PingSock>();
  readonly #outMsgs: number;
  readonly #outEchos: number;

  constructor(floor: DatagramFloor, ipv4: Ipv4) {
    super(IPPROTO_ICMP, floor);
    this.ipv4 = ipv4;
    const { names } = ipv4.icmp.mib;
    this.#outMsgs = names.indexOf('IcmpOutMsgs');
    this.#outEchos = names.indexOf('IcmpOutEchos');
  }

  /** @kernel net/ipv4/icmp.c icmp_out_count() */
  countEcho(): void {
    const { counts } = this.ipv4.icmp.mib;
    counts[this.#outMsgs]++;
    counts[this.#outEchos]++;
  }

  /** An identifier that nobody uses, 0 when all are in use. */
  freeIdentifier(): number {
    const start = this.net.random.below(0xffff);
    for (let i = 0; i < 0xffff; i++) {
      const id = ((start + i) % 0xffff) + 1;
      if (this.ipv4.icmp.listener(id) === null) return id;
    }
    return 0;
  }
}
