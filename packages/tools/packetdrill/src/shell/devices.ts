import {
  devChangeMtu,
  devSetFeatures,
  NETIF_F_GRO,
  NETIF_F_GSO,
  NETIF_F_HW_CSUM,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO_ECN,
  NetCore,
  replaceQdisc,
  type NetDevice,
} from '@stack/netdev';
import { StackError } from '@stack/plugin';
import type { Session } from '../run/session.ts';
import { DONE, failed, MissingFacility, printed, type Ended, type Invocation } from './command.ts';
import { qdiscText } from './show.ts';

export function deviceNamed({ network: { host } }: Session, name: string): NetDevice {
  const device = host.get(NetCore).devices.get(name);
  if (device === undefined) throw new MissingFacility(`there is no device ${name}`);
  return device;
}

/** `tc -s qdisc show dev tun0`, `tc qdisc add|replace|change|del dev tun0 root KIND [limit N]`. */
export function tc({ session, args }: Invocation): Ended {
  const [object, verb = 'show', ...rest] = args.filter((arg) => !/^-[a-z]/.test(arg));
  if (object === 'qdisc' && ['show', 'list', 'ls'].includes(verb)) return printed(qdiscText(shown(session, rest)));
  const isVerb = ['add', 'replace', 'change', 'del', 'delete'].includes(verb);
  if (object !== 'qdisc' || !isVerb || rest[0] !== 'dev' || rest[2] !== 'root') {
    throw new MissingFacility(`tc ${args.join(' ')}: only root qdiscs of a device are supported`);
  }
  const device = deviceNamed(session, rest[1]);
  const words = rest[3] === 'handle' ? rest.slice(5) : rest.slice(3);
  const isDelete = verb.startsWith('del');
  const kind = isDelete ? device.core.sysctl.defaultQdisc : words[0];
  try {
    replaceQdisc(device, kind, isDelete ? {} : qdiscOptions(words.slice(1)));
  } catch (error) {
    if (error instanceof StackError) throw new MissingFacility(`tc: ${error.message}`);
    throw error;
  }
  return DONE;
}

/** `dev tun0`, or all of them. */
function shown(session: Session, [word, name]: readonly string[]): Iterable<NetDevice> {
  return word === 'dev' ? [deviceNamed(session, name)] : session.network.host.get(NetCore).devices.values();
}

/** Words that say yes or no by themselves. */
const SWITCHES: Readonly<Record<string, readonly [name: string, value: boolean]>> = {
  pacing: ['pacing', true],
  nopacing: ['pacing', false],
  ecn: ['ecn', true],
  noecn: ['ecn', false],
  horizon_drop: ['horizonDrop', true],
  horizon_cap: ['horizonDrop', false],
};

/** Pairs of a name and a number, or a size, rate or time with its unit; switches. */
function qdiscOptions(words: readonly string[]): Record<string, number | string | boolean> {
  const options: Record<string, number | string | boolean> = {};
  for (let i = 0; i < words.length; i++) {
    const name = words[i];
    if (Object.hasOwn(SWITCHES, name)) {
      options[SWITCHES[name][0]] = SWITCHES[name][1];
      continue;
    }
    const written = words[++i]?.replace(/p$/, '');
    const text = /%$/.test(written ?? '') ? String(Number.parseFloat(written) / 100) : written;
    if (text === undefined) throw new MissingFacility(`tc: ${name} needs a value`);
    options[name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())] = Number.isFinite(Number(text))
      ? Number(text)
      : text;
  }
  return options;
}

const FEATURES: Readonly<Record<string, number>> = {
  tso: NETIF_F_TSO | NETIF_F_TSO_ECN,
  'tcp-segmentation-offload': NETIF_F_TSO | NETIF_F_TSO_ECN,
  'tx-tcp-segmentation': NETIF_F_TSO,
  'tx-tcp-ecn-segmentation': NETIF_F_TSO_ECN,
  gso: NETIF_F_GSO,
  'generic-segmentation-offload': NETIF_F_GSO,
  gro: NETIF_F_GRO,
  lro: 0,
  'large-receive-offload': 0,
  'generic-receive-offload': NETIF_F_GRO,
  sg: NETIF_F_SG,
  'scatter-gather': NETIF_F_SG,
  tx: NETIF_F_HW_CSUM,
  'tx-checksumming': NETIF_F_HW_CSUM,
  'tx-checksum-ip-generic': NETIF_F_HW_CSUM,
  rx: NETIF_F_RXCSUM,
  'rx-checksumming': NETIF_F_RXCSUM,
};

/** `ethtool -K tun0 tso off gso off`. */
export function ethtool({ session, args }: Invocation): Ended {
  const [flag, name, ...pairs] = args;
  if (flag === '-k' || flag === '--show-features' || flag === '--show-offload')
    return printed(featureText(deviceNamed(session, name)));
  if (flag !== '-K' && flag !== '--offload' && flag !== '--features')
    throw new MissingFacility(`ethtool ${flag} is not supported`);
  const device = deviceNamed(session, name);
  let { features } = device;
  for (let i = 0; i < pairs.length; i += 2) {
    if (!Object.hasOwn(FEATURES, pairs[i])) throw new MissingFacility(`ethtool: devices have no feature ${pairs[i]}`);
    features = pairs[i + 1] === 'on' ? features | FEATURES[pairs[i]] : features & ~FEATURES[pairs[i]];
  }
  return devSetFeatures(device, features) < 0 ? failed('ethtool: the device refuses') : DONE;
}

function featureText(device: NetDevice): string {
  const lines = Object.entries(FEATURES).filter(([name]) => name.length > 4);
  return lines.map(([name, bit]) => `${name}: ${(device.features & bit) === 0 ? 'off' : 'on'}\n`).join('');
}

/** `ip link set dev tun0 mtu N`. */
export function ipLink(session: Session, args: readonly string[]): Ended {
  const words = args.filter((word) => word !== 'dev');
  if (words[0] === 'set' && words[2] === 'up' && words.length === 3) return DONE;
  if (words[0] !== 'set' || words[2] !== 'mtu' || words.length !== 4) {
    throw new MissingFacility(`ip link ${args.join(' ')}: only 'set dev NAME mtu N' is supported`);
  }
  return devChangeMtu(deviceNamed(session, words[1]), Number(words[3])) < 0 ? failed('ip: the device refuses') : DONE;
}

/** `ifconfig tun0 mtu N [up]`. */
export function ifconfig({ session, args }: Invocation): Ended {
  const [name, ...words] = args.filter((arg) => arg !== 'up');
  if (words.length === 0) return DONE;
  return ipLink(session, ['set', name, ...words]);
}
