import type { NetDevice } from '@stack/netdev';
import { inetLookupIfaddr } from '../address/select.ts';
import { RTN_UNICAST, RT_SCOPE_HOST, RT_SCOPE_UNIVERSE } from '../constants.ts';
import type { NetnsIpv4 } from '../netns.ts';

/** The source is fine; and the sender is a neighbour, who may be told of a better way. */
export const SOURCE_OK = 0;
export const SOURCE_ONLINK = 1;
/** It is an address of ours; or the way back is another one and the reverse path filter is on. */
export const SOURCE_LOCAL = -1;
export const SOURCE_RPFILTER = -2;

/**
 * Whether a packet from `saddr` may come in by `dev`. `oif` is the device it would be forwarded through, 0 for packets
 * to us.
 *
 * @kernel net/ipv4/fib_frontend.c fib_validate_source()
 * @rfc 3704
 */
export function fibValidateSource(net: NetnsIpv4, saddr: number, oif: number, dev: NetDevice): number {
  const { rpFilter, sendRedirects } = net.sysctl;
  const mayRedirect = dev.ifindex === oif && sendRedirects;
  if (rpFilter === 0 && !mayRedirect) return inetLookupIfaddr(net, saddr) === null ? SOURCE_OK : SOURCE_LOCAL;
  const found = net.fib.peek(saddr, 0, RT_SCOPE_UNIVERSE);
  if (found === null) return rpFilter === 0 ? SOURCE_OK : SOURCE_RPFILTER;
  if (found.type !== RTN_UNICAST) return SOURCE_LOCAL;
  const nextHop = found.route!.nextHop!;
  if (nextHop.dev === dev) return nextHop.scope >= RT_SCOPE_HOST ? SOURCE_ONLINK : SOURCE_OK;
  return rpFilter === 1 ? SOURCE_RPFILTER : SOURCE_OK;
}
