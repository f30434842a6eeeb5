import type { Container, Plugin } from '@stack/plugin';
import { testHost, type TestHostOptions } from '../host.ts';
import { machine, type Machine } from '../machine.ts';

/** A host with IPv4 and the plugins given, without a device; on a machine of its own unless one is given. */
export async function ipHost(
  plugins: readonly Plugin[],
  { lab = machine(), ...options }: TestHostOptions & { lab?: Machine } = {},
): Promise<Container> {
  const [{ netdev }, { arp }, { netfilter }, { ipv4 }] = await Promise.all([
    import('@stack/netdev'),
    import('@stack/neigh'),
    import('@stack/netfilter'),
    import('@stack/ipv4'),
  ]);
  return testHost(lab, 'alice', [netdev(), arp(), netfilter(), ipv4(), ...plugins], options);
}
