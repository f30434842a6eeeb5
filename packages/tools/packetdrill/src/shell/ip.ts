import { formatIpv4, Ipv4, parseIpv4 } from '@stack/ipv4';
import { StackError } from '@stack/plugin';
import type { Session } from '../run/session.ts';
import { Tcp } from '@stack/tcp';
import { DONE, failed, MissingFacility, printed, type Ended, type Invocation } from './command.ts';
import { ipLink } from './devices.ts';
import { metricsText, routeText } from './show.ts';
import { parseRoute } from './route-words.ts';

/** `ip route ...`, `ip link set ... mtu`, `ip tcp_metrics flush`. */
export function ip({ session, args }: Invocation): Ended {
  const [object, ...rest] = args.filter((arg) => !/^-[46a-z]/.test(arg));
  if ('route'.startsWith(object) && object.startsWith('ro')) return ipRoute(session, rest);
  if (object === 'link') return ipLink(session, rest);
  if (object === 'tcp_metrics' || object === 'tcpmetrics') return tcpMetrics(session, rest);
  if (object.startsWith('neigh') && rest[0] === 'flush') return DONE;
  throw new MissingFacility(`ip ${args.join(' ')} is not supported`);
}

/** `ip tcp_metrics flush [all | ADDRESS]`, `delete ADDRESS`, `show`. */
function tcpMetrics({ network: { host } }: Session, [verb = 'show', ...words]: readonly string[]): Ended {
  const { metrics, jiffies } = host.get(Tcp);
  const address = words.find((word) => /^\d+\./.test(word));
  if (verb === 'flush' || verb.startsWith('del')) {
    if (address === undefined) metrics.flush();
    else if (!metrics.delete(parseIpv4(address)) && verb !== 'flush')
      return failed('RTNETLINK answers: No such process');
    return DONE;
  }
  const blocks = [...metrics].filter(({ daddr }) => address === undefined || formatIpv4(daddr) === address);
  return printed(blocks.map((block) => metricsText(block, jiffies)).join(''));
}

const VERBS = ['add', 'change', 'replace', 'chg', 'del', 'delete'];

/** All, or those to one prefix. */
function routesText(session: Session, [to]: readonly string[]): string {
  const all = session.network.host
    .get(Ipv4)
    .routes()
    .map(({ prefix, prefixLength }) => `${formatIpv4(prefix)}${prefixLength === 32 ? '' : `/${prefixLength}`}`);
  return all
    .filter((each) => to === undefined || to === 'dev' || each === to.replace(/\/32$/, ''))
    .map((each) => routeText(session, each, false))
    .join('');
}

function ipRoute(session: Session, [verb, ...words]: readonly string[]): Ended {
  if (verb === 'flush' && words[0] === 'cache') return DONE;
  if (verb === 'get') return printed(routeText(session, words[0], true));
  if (verb === undefined || ['show', 'list', 'ls'].includes(verb)) return printed(routesText(session, words));
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
