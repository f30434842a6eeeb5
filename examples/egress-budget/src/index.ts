import { Clock, SEC } from '@stack/clock';
import { EgressPrograms } from '@stack/ipv4';
import { NET_XMIT_CN, NET_XMIT_SUCCESS } from '@stack/netdev';
import { EPERM, type Plugin } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';

/** Lets `bytes` leave in each second. Above nine tenths of that, senders are told of congestion; above all, nothing leaves. */
export function egressBudget(bytes: number): Plugin {
  return {
    name: 'egress-budget',
    attach(services) {
      const clock = services.get(Clock);
      let second = 0;
      let spent = 0;
      return services.get(EgressPrograms).add(function budget(skb: SkBuff): number {
        const now = Math.floor(clock.now() / SEC);
        if (now !== second) {
          second = now;
          spent = 0;
        }
        if (spent + skb.len > bytes) return -EPERM;
        spent += skb.len;
        return spent > bytes * 0.9 ? NET_XMIT_CN : NET_XMIT_SUCCESS;
      });
    },
  };
}
