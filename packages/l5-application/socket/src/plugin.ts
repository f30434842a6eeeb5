import { Clock } from '@stack/clock';
import { NetCore } from '@stack/netdev';
import type { Plugin } from '@stack/plugin';
import { InetProtosws, SockNetwork } from '@stack/sock';
import { Smp } from '@stack/softirq';
import { BsdSockets, SocketCalls } from './bsd-sockets.ts';

/** The socket calls of a host. `files` is how many descriptors may be open at once (RLIMIT_NOFILE), 1,048,576 unless given. */
export function bsdSockets(options: { files?: number } = {}): Plugin {
  return {
    name: 'bsdSockets',
    provide(provider) {
      provider.bind(BsdSockets, (services) => {
        const context = {
          clock: services.get(Clock),
          cpu: services.get(Smp).boot,
          net: services.get(SockNetwork),
          core: services.get(NetCore),
        };
        return new SocketCalls(context, services.get(InetProtosws), options.files ?? 1_048_576);
      });
    },
    attach(services) {
      const sockets = services.get(BsdSockets);
      return () => sockets.files.closeAll();
    },
  };
}
