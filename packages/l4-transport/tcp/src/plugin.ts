import { Clock, Random } from '@stack/clock';
import { InetProtocols, IpOutput } from '@stack/ipv4';
import { Faults, token, type Plugin, type Services } from '@stack/plugin';
import { Skbs } from '@stack/skb';
import { InetProtosws, SOCK_STREAM, SockNetwork } from '@stack/sock';
import { Smp, TASKLET_SOFTIRQ, Timers } from '@stack/softirq';
import { tcpAbortAll } from './close/abort.ts';
import { CongestionControls, CongestionTable } from './congestion/registry.ts';
import { tcpInitSock } from './connect/init.ts';
import { tcpProt } from './api/proto.ts';
import { tcpHandlers } from './handlers.ts';
import { tcpTsqRun } from './output/tsq.ts';
import { tcpTsqWrite } from './output/release-cb.ts';
import { TcpProtocol } from './protocol.ts';
import { tcpProtocol } from './receive/net-protocol.ts';

const IPPROTO_TCP = 6;

/** TCP of a host: its sockets, settings and counters. */
export const Tcp = token<TcpProtocol>('Tcp', 'add tcp() to the host');

/** Needs ipv4() and sockets(). @kernel net/ipv4/tcp.c tcp_init() @kernel net/ipv4/tcp_ipv4.c tcp_v4_init() */
export function tcp(): Plugin {
  return {
    name: 'tcp',
    provide(provider) {
      provider.bind(CongestionControls, (services) => new CongestionTable(services.get(Faults)));
      provider.bind(Tcp, tcpInit);
    },
    attach(services) {
      const state = services.get(Tcp);
      services.get(Smp).openSoftirq(TASKLET_SOFTIRQ, () => tcpTsqRun(state, tcpTsqWrite));
      const removeProtocol = services.get(InetProtocols).add(IPPROTO_TCP, tcpProtocol(state));
      const create = () => tcpInitSock(state);
      const kind = { type: SOCK_STREAM, protocol: IPPROTO_TCP, isDefault: true, proto: state.proto, create };
      const removeKind = services.get(InetProtosws).add(kind);
      return () => {
        removeKind();
        removeProtocol();
        tcpAbortAll(state);
      };
    },
  };
}

function tcpInit(services: Services): TcpProtocol {
  const ip = services.get(IpOutput);
  const environment = {
    ip,
    clock: services.get(Clock),
    random: services.get(Random).fork('tcp'),
    pool: services.get(Skbs),
    cpus: services.get(Smp),
    timers: services.get(Timers),
    net: services.get(SockNetwork),
    congestion: services.get(CongestionControls) as CongestionTable,
  };
  return new TcpProtocol(environment, tcpProt(ip), tcpHandlers);
}
