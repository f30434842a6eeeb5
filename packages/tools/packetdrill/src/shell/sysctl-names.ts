import { Ipv4 } from '@stack/ipv4';
import { NetCore } from '@stack/netdev';
import { SockNetwork } from '@stack/sock';
import { Tcp, tcpSysctlNames, tcpSysctlRead, tcpSysctlWrite } from '@stack/tcp';
import type { Session } from '../run/session.ts';

/** A setting of the host: what it is, and how to change it. */
export interface Setting {
  get(): string;
  /** False when the value makes no sense. */
  set(value: string): boolean;
}

/** Settings whose place in the host is not to be guessed from their names. */
const PLACES: Readonly<Record<string, readonly [owner: string, key: string]>> = {
  'net.core.rmem_default': ['sock', 'rmemDefault'],
  'net.core.optmem_max': ['sock', 'optmemMax'],
  'net.core.rmem_max': ['sock', 'rmemMax'],
  'net.core.wmem_default': ['sock', 'wmemDefault'],
  'net.core.wmem_max': ['sock', 'wmemMax'],
  'net.core.somaxconn': ['sock', 'somaxconn'],
  'net.ipv4.route.min_pmtu': ['ip', 'minPmtu'],
  'net.ipv4.route.mtu_expires': ['ip', 'mtuExpires'],
  'net.ipv4.route.min_adv_mss': ['ip', 'minAdvMss'],
  'net.ipv4.conf.all.rp_filter': ['ip', 'rpFilter'],
  'net.ipv4.conf.tun0.rp_filter': ['ip', 'rpFilter'],
  'net.ipv4.conf.default.rp_filter': ['ip', 'rpFilter'],
  'net.ipv4.conf.all.forwarding': ['ip', 'ipForward'],
};

/** The setting of a name with dots or slashes, or of a file in /sys/module; null when the host has none of this name. */
export function findSetting(session: Session, name: string): Setting | null {
  const parameter = /^\/sys\/module\/tcp_cubic\/parameters\/(\w+)$/.exec(name)?.[1];
  if (parameter !== undefined) return settingIn(session, 'cubic', parameter);
  const dotted = name.replace(/^\/?proc\/sys\//, '').replaceAll('/', '.');
  if (dotted === 'net.ipv4.ip_local_port_range') return portRange(session);
  if (dotted === 'net.ipv4.ip_local_reserved_ports') return reservedPorts(session);
  if (session.sysctls.has(dotted)) return remembered(session, dotted);
  if (tcpSysctlNames.includes(dotted.replace(/^net\.ipv4\./, ''))) return tcpSetting(session, dotted);
  const [owner, key] = Object.hasOwn(PLACES, dotted) ? PLACES[dotted] : guess(dotted);
  return settingIn(session, owner, key);
}

function remembered({ sysctls }: Session, name: string): Setting {
  return {
    get: () => sysctls.get(name),
    set: (value) => {
      sysctls.set(name, value.trim());
      return true;
    },
  };
}

function settingIn(session: Session, owner: string, key: string): Setting | null {
  const settings = ownerOf(session, owner);
  return settings !== null && Object.hasOwn(settings, key) ? settingOf(settings, key) : null;
}

/** TCP knows its own settings, and what they may be. Numbers may be hexadecimal. */
function tcpSetting({ network: { host } }: Session, name: string): Setting {
  const tcp = host.get(Tcp);
  return {
    get: () => String(tcpSysctlRead(tcp, name)),
    set: (value) =>
      tcpSysctlWrite(
        tcp,
        name,
        value.replace(/\b0x[0-9a-f]+\b/gi, (hex) => String(Number(hex))),
      ) === 0,
  };
}

function guess(dotted: string): readonly [string, string] {
  const name = dotted.slice(dotted.lastIndexOf('.') + 1);
  if (dotted === `net.ipv4.${name}`) return name.startsWith('tcp_') ? ['tcp', name] : ['ip', camelCase(name)];
  return dotted === `net.core.${name}` ? ['core', camelCase(name)] : ['', ''];
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function ownerOf({ network: { host } }: Session, owner: string): Record<string, unknown> | null {
  const owners: Record<string, () => object> = {
    tcp: () => host.get(Tcp).sysctl,
    cubic: () => host.get(Tcp).cubic,
    ip: () => host.get(Ipv4).sysctl,
    sock: () => host.get(SockNetwork),
    core: () => host.get(NetCore).sysctl,
  };
  return Object.hasOwn(owners, owner) ? (owners[owner]() as Record<string, unknown>) : null;
}

/** Numbers, switches, lists of numbers, and names: what it is now says which. */
function settingOf(settings: Record<string, unknown>, key: string): Setting {
  return {
    get: () => textOf(settings[key]),
    set(value) {
      const fresh = parse(settings[key], value.trim());
      if (fresh !== null) settings[key] = fresh;
      return fresh !== null;
    },
  };
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join('\t');
  return typeof value === 'boolean' ? String(Number(value)) : String(value);
}

function parse(present: unknown, value: string): unknown {
  if (typeof present === 'string') return value;
  const numbers = value.split(/[\s,]+/).map(Number);
  if (value === '' || numbers.some((number) => !Number.isInteger(number))) return null;
  if (Array.isArray(present))
    return numbers.length <= present.length ? [...numbers, ...present.slice(numbers.length)] : null;
  if (numbers.length !== 1) return null;
  return typeof present === 'boolean' ? numbers[0] !== 0 : numbers[0];
}

function portRange({ network: { host } }: Session): Setting {
  const net = host.get(SockNetwork);
  return {
    get: () => `${net.localPortLow}\t${net.localPortHigh}`,
    set(value) {
      const [low, high] = value.trim().split(/\s+/).map(Number);
      if (!Number.isInteger(low) || !Number.isInteger(high) || low > high) return false;
      net.localPortLow = low;
      net.localPortHigh = high;
      return true;
    },
  };
}

/** `8080,9000-9010`. */
function reservedPorts({ network: { host } }: Session): Setting {
  const { reservedPorts: ports } = host.get(SockNetwork);
  return {
    get: () => [...ports].sort((a, b) => a - b).join(','),
    set(value) {
      const ranges = value.trim() === '' ? [] : value.trim().split(',');
      const bounds = ranges.map((range) => range.split('-').map(Number));
      if (bounds.some((each) => each.length > 2 || each.some((port) => !(port >= 0 && port < 65_536)))) return false;
      ports.clear();
      for (const [low, high = low] of bounds) for (let port = low; port <= high; port++) ports.add(port);
      return true;
    },
  };
}
