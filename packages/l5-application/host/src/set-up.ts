import { Ipv4 } from '@stack/ipv4';
import { devChangeMtu, devOpen, QdiscKinds, replaceQdisc, type NetDevice } from '@stack/netdev';
import { errnoName, StackError, type Services } from '@stack/plugin';
import type { DeviceSettings, QdiscChoice } from './device.ts';

/** Gives a device its settings and opens it: what `ip link`, `tc qdisc`, `ip addr` and `ip route` do. */
export function setUp(services: Services, dev: NetDevice, settings: DeviceSettings): void {
  if (settings.mtu !== undefined)
    must(
      devChangeMtu(dev, settings.mtu),
      `${dev.name} cannot have an MTU of ${settings.mtu}`,
      `give ${dev.minMtu} to ${dev.maxMtu}`,
    );
  must(devOpen(dev), `${dev.name} does not open`, 'look at what the driver counted');
  if (settings.qdisc !== undefined) attachQdisc(services, dev, settings.qdisc);
  const addresses = settings.address === undefined ? [] : [settings.address].flat();
  if (addresses.length === 0 && settings.gateway === undefined) return;
  const ip = services.get(Ipv4);
  for (const address of addresses) ip.addAddress(dev, address);
  if (settings.gateway !== undefined) ip.addRoute({ to: '0.0.0.0/0', via: settings.gateway, dev });
}

/** A kind of the user's own is made known to the host first. */
function attachQdisc(services: Services, dev: NetDevice, choice: QdiscChoice): void {
  const { kind, options } = typeof choice === 'object' && 'options' in choice ? choice : { kind: choice, options: {} };
  if (typeof kind === 'string') return replaceQdisc(dev, kind, options);
  const kinds = services.get(QdiscKinds);
  if (!kinds.names.includes(kind.kind)) kinds.add(kind);
  replaceQdisc(dev, kind.kind, options);
}

function must(result: number, problem: string, remedy: string): void {
  if (result < 0) throw new StackError('ERR_STACK_DEVICE', `${problem} (${errnoName(result)})`, remedy);
}
