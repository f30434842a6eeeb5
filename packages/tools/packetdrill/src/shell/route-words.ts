import { formatIpv4, type RouteMetrics, type RouteOptions } from '@stack/ipv4';
import type { Session } from '../run/session.ts';
import { MissingFacility } from './command.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const METRICS: Readonly<Record<string, (metrics: Mutable<RouteMetrics>, value: string) => void>> = {
  initcwnd: (metrics, value) => (metrics.initcwnd = Number(value)),
  initrwnd: (metrics, value) => (metrics.initrwnd = Number(value)),
  window: (metrics, value) => (metrics.window = Number(value)),
  rto_min: (metrics, value) => (metrics.rtoMin = milliseconds(value)),
  quickack: (metrics, value) => (metrics.quickack = value !== '0'),
  fastopen_no_cookie: (metrics, value) => (metrics.fastopenNoCookie = value !== '0'),
  congctl: (metrics, value) => (metrics.congctl = value),
  features: (metrics, value) => {
    if (value !== 'ecn') throw new MissingFacility(`routes of the stack have no features ${value}`);
    metrics.ecn = true;
  },
};

/** `192.0.2.1 via 192.168.0.1 dev tun0 mtu lock 1400 initcwnd 4`. The gateway says nothing to a device without a link layer, so it is left out. */
export function parseRoute({ config }: Session, words: readonly string[]): RouteOptions {
  const [first, ...rest] = words;
  const to = first === 'default' || first.includes('/') ? first : `${first}/32`;
  const metrics: Mutable<RouteMetrics> = {};
  const route: Mutable<RouteOptions> = { to, dev: 'tun0', metrics };
  for (let i = 0; i < rest.length; i++) {
    const name = rest[i];
    const locked = rest[i + 1] === 'lock';
    i += locked ? 2 : 1;
    const value = rest[i];
    if (name === 'mtu' && locked) metrics.mtuLocked = true;
    if (name === 'dev') route.dev = value;
    else if (name === 'src') route.source = value;
    else if (name === 'metric') route.metric = Number(value);
    else if (name === 'mtu') route.mtu = Number(value);
    else if (name === 'advmss') route.advmss = Number(value);
    else if (Object.hasOwn(METRICS, name)) METRICS[name](metrics, value);
    else if (!['via', 'scope', 'proto', 'table'].includes(name))
      throw missing(name, value, formatIpv4(config.remoteIp));
  }
  return route;
}

/** `200ms`, `0.2s`, `200`. */
function milliseconds(text: string): number {
  const [, digits, unit] = /^([0-9.]+)(ms|s|us)?$/.exec(text) ?? [];
  if (digits === undefined) throw new MissingFacility(`'${text}' is no time`);
  return Number(digits) * (unit === 's' ? 1000 : unit === 'us' ? 0.001 : 1);
}

function missing(name: string, value: string | undefined, remote: string): MissingFacility {
  return new MissingFacility(`routes of the stack (to ${remote}) have no '${name} ${value ?? ''}'`);
}
