import { HZ } from '@stack/softirq';
import { RT_SCOPE_UNIVERSE } from '../constants.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { findException, updateOrCreateFnhe } from './exceptions.ts';

/**
 * The path to a destination carries packets of `mtu` bytes only. Remembered for ten minutes. Less than the smallest MTU
 * that is believed sets that one, without DF from then on.
 *
 * @kernel net/ipv4/route.c __ip_rt_update_pmtu()
 * @rfc 1191 3
 */
export function ipRtUpdatePmtu(net: NetnsIpv4, daddr: number, mtu: number): void {
  const { sysctl, fib, wheel } = net;
  const found = fib.peek(daddr, 0, RT_SCOPE_UNIVERSE);
  const route = found?.route ?? null;
  const nextHop = route?.nextHop ?? null;
  if (route === null || nextHop === null) return;
  const now = wheel.jiffies;
  const known = findException(nextHop, daddr, now);
  const current = known?.pmtu || route.attributes.mtu || nextHop.dev.mtu;
  if (mtu > current || known?.mtuLocked === true || route.attributes.metrics.mtuLocked === true) return;
  const locked = mtu < sysctl.minPmtu;
  const pmtu = locked ? Math.min(current, sysctl.minPmtu) : mtu;
  const holds = sysctl.mtuExpires * HZ;
  if (known !== null && known.pmtu === pmtu && !locked && now < known.expires - holds / 2) return;
  updateOrCreateFnhe(nextHop, daddr, 0, pmtu, locked, now + holds);
}
