import { formatIpv4, Ipv4, type FibRoute } from '@stack/ipv4';
import { formatEthAddress, IFF_LOOPBACK, type NetDevice } from '@stack/netdev';
import type { Host } from './host.ts';

/** A device, as `ip address` and `tc qdisc` tell of it. */
export interface DeviceFacts {
  readonly name: string;
  readonly mac: string | null;
  readonly mtu: number;
  readonly state: 'UP' | 'DOWN' | 'NO-CARRIER';
  readonly qdisc: string;
  readonly addresses: readonly string[];
}

/** A host as one would look at it: devices with their addresses, and routes. */
export interface HostFacts {
  readonly name: string;
  readonly devices: readonly DeviceFacts[];
  /** As `ip route` prints them. */
  readonly routes: readonly string[];
}

export function describeHost(host: Host): HostFacts {
  const net = host.find(Ipv4);
  const devices = host.devices.map((dev) =>
    describeDevice(
      dev,
      net?.addresses(dev).map(({ address, prefixLength }) => `${formatIpv4(address)}/${prefixLength}`) ?? [],
    ),
  );
  return { name: host.name, devices, routes: net?.routes().map(describeRoute) ?? [] };
}

function describeDevice(dev: NetDevice, addresses: readonly string[]): DeviceFacts {
  const state = !dev.isUp ? 'DOWN' : dev.carrier ? 'UP' : 'NO-CARRIER';
  const mac = (dev.flags & IFF_LOOPBACK) !== 0 ? null : formatEthAddress(dev.devAddr);
  return { name: dev.name, mac, mtu: dev.mtu, state, qdisc: dev.queues[0].qdisc?.kind ?? 'noop', addresses };
}

function describeRoute(route: FibRoute): string {
  const to = route.prefixLength === 0 ? 'default' : `${formatIpv4(route.prefix)}/${route.prefixLength}`;
  const hop = route.nextHop;
  const via = hop !== null && hop.gateway !== 0 ? ` via ${formatIpv4(hop.gateway)}` : '';
  const dev = hop === null ? '' : ` dev ${hop.dev.name}`;
  const source = route.attributes.source === 0 ? '' : ` src ${formatIpv4(route.attributes.source)}`;
  return `${to}${via}${dev}${source}`;
}
