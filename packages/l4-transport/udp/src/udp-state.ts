import { IPPROTO_UDPLITE, Mib } from '@stack/ipv4';
import type { Proto } from '@stack/sock';
import { DatagramHome, type DatagramFloor } from './datagram/datagram-home.ts';
import { mibNames } from './mib.ts';
import type { UdpSock } from './udp-sock.ts';
import { UdpTable } from './udp-table.ts';

/** UDP, or UDP-Lite, on one host. */
export class UdpState extends DatagramHome {
  readonly table: UdpTable;
  readonly mib: Mib;
  /** What its sockets do. */
  readonly proto: Proto<UdpSock>;

  constructor(protocol: number, floor: DatagramFloor, proto: Proto<UdpSock>) {
    super(protocol, floor);
    this.table = new UdpTable(floor.net);
    this.mib = new Mib(mibNames(this.isLite ? 'UdpLite' : 'Udp'));
    this.proto = proto;
  }

  /** UDP-Lite: the length field says how much the checksum covers. @rfc 3828 */
  get isLite(): boolean {
    return this.protocol === IPPROTO_UDPLITE;
  }
}
