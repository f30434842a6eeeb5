import { Ipv4 } from '@stack/ipv4';
import { Tcp } from '@stack/tcp';
import { Udp } from '@stack/udp';
import type { Session } from '../run/session.ts';
import { DONE, printed, type Ended, type Invocation } from './command.ts';

/** `nstat [-n] [-s] [-a] [-z] [PATTERN ...]`: what has changed since the last time. */
export function nstat({ session, args }: Invocation): Ended {
  const flags = args.filter((arg) => arg.startsWith('-')).join('');
  const patterns = args.filter((arg) => !arg.startsWith('-')).map(patternOf);
  const counters = allCounters(session);
  const before = session.shownCounters;
  if (!flags.includes('s')) session.shownCounters = counters;
  if (flags.includes('n')) return DONE;
  const lines = Object.entries(counters)
    .map(([name, count]) => [name, flags.includes('a') ? count : count - (before[name] ?? 0)] as const)
    .filter(([name, count]) => (count !== 0 || flags.includes('z')) && isWanted(name, patterns))
    .map(([name, count]) => `${name.padEnd(32)}${String(count).padEnd(16)}   0.0\n`);
  return printed(`#kernel\n${lines.join('')}`);
}

/** Of IP, TCP and the other protocols. */
export function allCounters({ network: { host } }: Session): Record<string, number> {
  const udp = host.get(Udp).mib;
  const ofUdp = Object.fromEntries(udp.names.map((name, i) => [name, udp.counts[i]]));
  return { ...host.get(Ipv4).proc.counters(), ...host.get(Tcp).mib.snapshot(), ...ofUdp };
}

function isWanted(name: string, patterns: readonly RegExp[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => pattern.test(name));
}

/** `*` is for anything. */
function patternOf(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
