import { Random } from '@stack/clock';
import type { Plugin } from '@stack/plugin';
import { InetProtoswTable } from './inet-protosws.ts';
import { InetProtosws } from './proto.ts';
import { SockNet, SockNetwork } from './sock-net.ts';

/** What all transports of a host share: the kinds of sockets, and the settings of net.core. Needs a random source. */
export function sockets(): Plugin {
  return {
    name: 'sockets',
    provide(provider) {
      provider.bind(InetProtosws, () => new InetProtoswTable());
      provider.bind(SockNetwork, (services) => new SockNet(services.get(Random).fork('sockets')));
    },
  };
}
