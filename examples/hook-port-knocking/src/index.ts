import { Clock, nanoseconds, type Duration } from '@stack/clock';
import { NF_ACCEPT, NF_DROP, NF_INET_LOCAL_IN, NF_IP_PRI_FILTER, NetfilterHooks, type Verdict } from '@stack/netfilter';
import type { Plugin } from '@stack/plugin';
import { ip, type SkBuff } from '@stack/skb';

export interface KnockingOptions {
  /** The TCP port behind the door. */
  readonly port: number;
  /** Ports to knock at, in this order. */
  readonly knocks: readonly number[];
  /** How long the door stays open after the last knock; a minute unless given. */
  readonly open?: Duration;
}

/** How far a host has come, and until when the door is open for it. */
class Visitor {
  knocked = 0;
  openUntil = 0;
}

/** Nobody reaches `port` who has not sent a SYN to each of the other ports before, in order. Connections go on. */
export function portKnocking({ port, knocks, open = '60s' }: KnockingOptions): Plugin {
  const visitors = new Map<number, Visitor>();
  const openFor = nanoseconds(open);

  function knock(from: number, at: number, now: number): Verdict {
    let visitor = visitors.get(from);
    if (visitor === undefined) visitors.set(from, (visitor = new Visitor()));
    visitor.knocked = knocks[visitor.knocked] === at ? visitor.knocked + 1 : Number(knocks[0] === at);
    if (visitor.knocked === knocks.length) {
      visitor.knocked = 0;
      visitor.openUntil = now + openFor;
    }
    return NF_DROP; // nobody hears an answer at these ports
  }

  return {
    name: 'port-knocking',
    attach(services) {
      const clock = services.get(Clock);
      const ask = (skb: SkBuff): Verdict => {
        const transport = ip.headerLength(skb);
        if (ip.protocol(skb) !== ip.PROTO_TCP || ip.isFragment(skb) || !skb.mayPull(transport + 14)) return NF_ACCEPT;
        const isSyn = (skb.u8(transport + 13) & 0x12) === 0x02;
        if (!isSyn) return NF_ACCEPT;
        const to = skb.u16(transport + 2);
        if (knocks.includes(to)) return knock(ip.saddr(skb), to, clock.now());
        if (to !== port) return NF_ACCEPT;
        const visitor = visitors.get(ip.saddr(skb));
        return visitor !== undefined && clock.now() < visitor.openUntil ? NF_ACCEPT : NF_DROP;
      };
      return services.get(NetfilterHooks).register({
        name: 'port-knocking',
        hook: NF_INET_LOCAL_IN,
        priority: NF_IP_PRI_FILTER,
        failClosed: true, // a door does not open because somebody kicked it
        fn: ask,
      });
    },
  };
}
