import { formatIpv4, Ipv4, type RouteOptions } from '@stack/ipv4';
import { StackError } from '@stack/plugin';
import type { Session } from '../run/session.ts';
import { DONE, failed, MissingFacility, type Ended, type Invocation } from './command.ts';
import { ipLink } from './devices.ts';

/** `ip route ...`, `ip link set ... mtu`, `ip tcp_metrics flush`. */
export function ip({ session, args }: Invocation): Ended {
  const [object, ...rest] = args.filter((arg) => !/^-[46a-z]/.test(arg));
  if ('route'.startsWith(object) && object.startsWith('ro')) return ipRoute(session, rest);
  if (object === 'link') return ipLink(session, rest);
  // Nothing is kept of connections that are gone, so there is nothing to forget.
  if (object === 'tcp_metrics' && rest[0] === 'flush') return DONE;
  throw new MissingFacility(`ip ${args.join(' ')} is not supported`);
}

const VERBS = ['add', 'change', 'replace', 'chg', 'del', 'delete'];

function ipRoute(session: Session, [verb, ...words]: readonly string[]): Ended {
  if (verb === 'flush' && words[0] === 'cache') return DONE;
  if (!VERBS.includes(verb)) throw new MissingFacility(`ip route ${verb} is not supported`);
  const ip = session.network.host.get(Ipv4);
  const route = parseRoute(session, words);
  try {
    const present = ip
      .routes()
      .some(({ prefix, prefixLength }) => `${formatIpv4(prefix)}/${prefixLength}` === route.to);
    if (verb !== 'add' && present) ip.deleteRoute({ to: route.to });
    if ((verb === 'change' || verb === 'chg') && !present)
      return failed('RTNETLINK answers: No such file or directory', 2);
    if (!verb.startsWith('del')) ip.addRoute(route);
  } catch (error) {
    if (error instanceof StackError) return failed(`ip: ${error.message}`, 2);
    throw error;
  }
  return DONE;
}

/** The gateway says nothing to a device without a link layer, so it is left out. */
function parseRoute({ config }: Session, words: readonly string[]): RouteOptions {
  const [first, ...rest] = words;
  const to = first === 'default' || first.includes('/') ? first : `${first}/32`;
  const route: { -readonly [K in keyof RouteOptions]: RouteOptions[K] } = { to, dev: 'tun0' };
  for (let i = 0; i < rest.length; i += 2) {
    const [name, value] = [rest[i], rest[i + 1]];
    if (name === 'dev') route.dev = value;
    else if (name === 'src') route.source = value;
    else if (name === 'metric') route.metric = Number(value);
    else if (name === 'mtu' && value !== 'lock') route.mtu = Number(value);
    else if (name === 'advmss') route.advmss = Number(value);
    else if (!['via', 'scope', 'proto', 'table'].includes(name))
      throw missing(name, value, formatIpv4(config.remoteIp));
  }
  return route;
}

function missing(name: string, value: string | undefined, remote: string): MissingFacility {
  return new MissingFacility(`routes of the stack (to ${remote}) have no '${name} ${value ?? ''}'`);
}
