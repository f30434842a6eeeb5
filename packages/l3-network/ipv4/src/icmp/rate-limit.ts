import { HZ } from '@stack/softirq';
import type { Ipv4Sysctls } from '../sysctls.ts';
import type { InetPeer } from '../route/peers.ts';

/** How many errors one host may get at once. @kernel net/ipv4/icmp.c XRLIM_BURST_FACTOR */
const XRLIM_BURST_FACTOR = 6;

/** Shortest time, in jiffies, after which the global budget is filled up. */
const REFILL = HZ / 50;

/** How many ICMP errors a host may send: in all, and to each host. @rfc 1812 4.3.2.8 */
export class IcmpRateLimit {
  #credit = 0;
  #stamp = -HZ;

  /** Takes one of the budget for all hosts. @kernel net/ipv4/icmp.c icmp_global_allow() */
  globalAllow(sysctl: Ipv4Sysctls, now: number): boolean {
    const passed = Math.min(now - this.#stamp, HZ);
    if (this.#credit === 0 && passed < REFILL) return false;
    if (passed >= REFILL) {
      const fill = Math.floor((sysctl.icmpMsgsPerSec * passed) / HZ);
      if (fill > 0) this.#stamp = now;
      this.#credit = Math.min(this.#credit + fill, sysctl.icmpMsgsBurst);
    }
    if (this.#credit === 0) return false;
    this.#credit--;
    return true;
  }
}

/** Takes one of the budget for one host, `interval` jiffies each. @kernel net/ipv4/route.c inet_peer_xrlim_allow() */
export function inetPeerXrlimAllow(peer: InetPeer, interval: number, now: number): boolean {
  const most = XRLIM_BURST_FACTOR * interval;
  const tokens = Math.min(peer.rateTokens + now - peer.rateLast, most);
  peer.rateLast = now;
  if (tokens < interval) {
    peer.rateTokens = tokens;
    return false;
  }
  peer.rateTokens = tokens - interval;
  return true;
}
