import type { Container, Plugin } from '@stack/plugin';
import { testHost, type TestHostOptions } from '../host.ts';
import { machine } from '../machine.ts';

/** A host with IPv4 and the plugins given, without a device. */
export async function ipHost(plugins: readonly Plugin[], options: TestHostOptions = {}): Promise<Container> {
  const [{ netdev }, { arp }, { netfilter }, { ipv4 }] = await Promise.all([
    import('@stack/netdev'),
    import('@stack/neigh'),
    import('@stack/netfilter'),
    import('@stack/ipv4'),
  ]);
  return testHost(machine(), 'alice', [netdev(), arp(), netfilter(), ipv4(), ...plugins], options);
}
