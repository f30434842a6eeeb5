import { IPPROTO_UDPLITE, Mib, type Flow4, type IpOutput } from '@stack/ipv4';
import type { SkbPool } from '@stack/skb';
import { ProtoMemory, type Proto, type SockNet } from '@stack/sock';
import { mibNames } from './mib.ts';
import type { UdpSock } from './udp-sock.ts';
import { UdpTable } from './udp-table.ts';

/** What all sockets together may hold, in bytes: Linux takes an eighth of the machine's memory; this is that of 1 GB. */
const MEMORY_HIGH = 128 * 1024 * 1024;

/** UDP, or UDP-Lite, on one host. */
export class UdpState {
  readonly protocol: number;
  readonly ip: IpOutput;
  readonly pool: SkbPool;
  readonly table: UdpTable;
  readonly mib: Mib;
  readonly memory = new ProtoMemory(MEMORY_HIGH / 2, (MEMORY_HIGH / 4) * 3, MEMORY_HIGH);
  /** What its sockets do. */
  readonly proto: Proto<UdpSock>;
  /** @internal Filled in for each question to the routes. */
  readonly flow: Flow4;

  constructor(protocol: number, ip: IpOutput, pool: SkbPool, net: SockNet, proto: Proto<UdpSock>) {
    this.protocol = protocol;
    this.ip = ip;
    this.pool = pool;
    this.table = new UdpTable(net);
    this.mib = new Mib(mibNames(this.isLite ? 'UdpLite' : 'Udp'));
    this.proto = proto;
    this.flow = { daddr: 0, saddr: 0, protocol, tos: 0, mark: 0, oif: 0 };
  }

  /** UDP-Lite: the length field says how much the checksum covers. @rfc 3828 */
  get isLite(): boolean {
    return this.protocol === IPPROTO_UDPLITE;
  }
}
