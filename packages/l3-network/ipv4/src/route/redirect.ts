import { icmp, ip, type SkBuff } from '@stack/skb';
import { HZ } from '@stack/softirq';
import { icmpSend } from '../icmp/send.ts';
import type { NetnsIpv4 } from '../netns.ts';
import { rtNexthop, skbRtable } from './route.ts';

/** So many redirects in vain, and we are silent for so long, jiffies. @kernel net/ipv4/route.c ip_rt_redirect_number */
const REDIRECT_NUMBER = 9;
const REDIRECT_LOAD = HZ / 50;
const REDIRECT_SILENCE = REDIRECT_LOAD << (REDIRECT_NUMBER + 1);
/** Redirect for the host. @rfc 792 */
const REDIRECT_HOST = 1;

/**
 * Tells the sender that the next hop is on his own link. The longer he does not listen, the less often.
 *
 * @kernel net/ipv4/route.c ip_rt_send_redirect()
 */
export function ipRtSendRedirect(net: NetnsIpv4, skb: SkBuff): void {
  const peer = net.peers.get(ip.saddr(skb));
  const now = net.wheel.jiffies;
  if (now > peer.rateLast + REDIRECT_SILENCE) {
    peer.rateTokens = 0;
    peer.redirects = 0;
  }
  if (peer.redirects >= REDIRECT_NUMBER) {
    peer.rateLast = now;
    return;
  }
  if (peer.redirects > 0 && now <= peer.rateLast + (REDIRECT_LOAD << peer.redirects)) return;
  const gateway = rtNexthop(skbRtable(skb), ip.daddr(skb));
  icmpSend(net, skb, icmp.REDIRECT, REDIRECT_HOST, gateway);
  peer.rateLast = now;
  peer.redirects++;
}
