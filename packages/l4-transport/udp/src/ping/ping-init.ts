import { IPPROTO_ICMP, Ipv4 } from '@stack/ipv4';
import type { Services, Undo } from '@stack/plugin';
import { InetProtosws, SOCK_DGRAM, type Proto } from '@stack/sock';
import type { DatagramFloor } from '../datagram/datagram-home.ts';
import { pingProt } from './ping-proto.ts';
import { PingSock } from './ping-sock.ts';
import { PingState } from './ping-state.ts';

/** Ping sockets, where ICMP is ours. @kernel net/ipv4/ping.c ping_init() */
export function pingInit(services: Services, floor: DatagramFloor, ipv4: Ipv4): Undo {
  const home = new PingState(floor, ipv4);
  const removeKind = services.get(InetProtosws).add({
    type: SOCK_DGRAM,
    protocol: IPPROTO_ICMP,
    isDefault: false,
    proto: pingProt as Proto,
    create: () => new PingSock(home, pingProt),
  });
  return () => {
    removeKind();
    for (const sk of home.sockets) pingProt.close(sk);
  };
}
