import { Policies, XFRM_POLICY_IN, XFRM_POLICY_OUT } from '@stack/ipv4';
import type { Plugin } from '@stack/plugin';
import { ip, type SkBuff } from '@stack/skb';

/** TCP to and from these ports may pass; all else may not, whatever the firewall says. Forwarding is not concerned. */
export function onlyPorts(ports: readonly number[]): Plugin {
  const allowed = new Set(ports);
  /** One of the ports, whose bytes are linear; `data` may be at the IP header or behind it. */
  const port = (skb: SkBuff, at: number): number => skb.u16(transport(skb) + at);
  const transport = (skb: SkBuff): number => skb.networkHeader + ip.headerLength(skb) - skb.data;
  return {
    name: 'only-ports',
    attach: (services) =>
      services.get(Policies).add({
        name: 'only-ports',
        allows(skb, direction) {
          if (direction !== XFRM_POLICY_IN && direction !== XFRM_POLICY_OUT) return true;
          if (ip.protocol(skb) !== ip.PROTO_TCP || ip.isFragment(skb)) return false;
          if (!skb.mayPull(transport(skb) + 4)) return false;
          return allowed.has(port(skb, 0)) || allowed.has(port(skb, 2));
        },
      }),
  };
}
