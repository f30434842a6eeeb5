import { Clock } from '@stack/clock';
import { InetProtocols, IpOutput, Ipv4, IPPROTO_UDP, IPPROTO_UDPLITE, type NetProtocol } from '@stack/ipv4';
import { token, type Plugin, type Services, type Undo } from '@stack/plugin';
import { Skbs } from '@stack/skb';
import { InetProtosws, SOCK_DGRAM, SockNetwork, type Proto } from '@stack/sock';
import type { DatagramFloor } from './datagram/datagram-home.ts';
import { udpErr } from './err.ts';
import { pingInit } from './ping/ping-init.ts';
import { udpliteProt, udpProt } from './proto.ts';
import { udpRcv } from './rcv.ts';
import { UdpSock } from './udp-sock.ts';
import { UdpState } from './udp-state.ts';

/** UDP and UDP-Lite of a host: their counters and sockets. */
export const Udp = token<UdpState>('Udp', 'add udp() to the host');
export const UdpLite = token<UdpState>('UdpLite', 'add udp() to the host');

/** UDP, UDP-Lite beside it, and ping sockets where the host's IPv4 is ours. @kernel net/ipv4/udp.c udp_init() */
export function udp(): Plugin {
  return {
    name: 'udp',
    provide(provider) {
      provider.bind(Udp, (services) => makeState(services, IPPROTO_UDP, udpProt));
      provider.bind(UdpLite, (services) => makeState(services, IPPROTO_UDPLITE, udpliteProt));
    },
    attach(services) {
      const floor = datagramFloor(services);
      const undos = [register(services, services.get(Udp), true), udplite4Register(services)];
      if (floor.ipv4 !== null) undos.push(pingInit(services, floor, floor.ipv4));
      return () => undos.forEach((undo) => undo());
    },
  };
}

/** @kernel net/ipv4/udplite.c udplite4_register() */
function udplite4Register(services: Services): Undo {
  return register(services, services.get(UdpLite), false);
}

function makeState(services: Services, protocol: number, proto: Proto<UdpSock>): UdpState {
  return new UdpState(protocol, datagramFloor(services), proto);
}

function datagramFloor(services: Services): DatagramFloor {
  return {
    ip: services.get(IpOutput),
    pool: services.get(Skbs),
    net: services.get(SockNetwork),
    clock: services.get(Clock),
    ipv4: services.find(Ipv4) ?? null,
  };
}

/** Enters the protocol below and its sockets above; the undo closes those that are left. */
function register(services: Services, state: UdpState, isDefault: boolean): Undo {
  const { proto, protocol } = state;
  const handler: NetProtocol = {
    name: proto.name,
    netnsOk: true,
    noPolicy: true,
    handler: (skb) => udpRcv(state, skb),
    errHandler: (skb, type, code, info) => udpErr(state, skb, type, code, info),
  };
  const removeProtocol = services.get(InetProtocols).add(protocol, handler);
  const kind = { type: SOCK_DGRAM, protocol, isDefault, proto: proto as Proto, create: () => new UdpSock(state) };
  const removeKind = services.get(InetProtosws).add(kind);
  return () => {
    removeKind();
    removeProtocol();
    for (const sk of [...state.table]) proto.close(sk);
  };
}
