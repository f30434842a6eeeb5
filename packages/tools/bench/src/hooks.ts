import { Clock, Random, seededRandom, virtualClock } from '@stack/clock';
import { Arena, Memory } from '@stack/memory';
import { netfilter, NetfilterHooks, NF_ACCEPT, NF_DROP, NF_HOOK, NF_INET_LOCAL_IN } from '@stack/netfilter';
import { Container, type Plugin } from '@stack/plugin';
import { Skbs, skbs, type SkBuff } from '@stack/skb';
import { softirqs } from '@stack/softirq';

const PACKETS = 2_000_000;
const BLOCKED = 1000;

/** Nanoseconds that a packet spends in NF_HOOK when `count` hooks look at its mark, beyond going on without it. */
export function hookCost(count: number): number {
  const { hooks, skb } = setUp();
  for (let i = 0; i < count; i++) {
    hooks.register({
      name: `hook ${i}`,
      hook: NF_INET_LOCAL_IN,
      priority: i,
      fn: (packet) => (packet.mark === BLOCKED + i ? NF_DROP : NF_ACCEPT),
    });
  }
  let through = 0;
  const goOn = (packet: SkBuff): number => (through += packet.len);
  const direct = (): number => perPacket(() => goOn(skb));
  const hooked = (): number => perPacket(() => NF_HOOK(hooks, NF_INET_LOCAL_IN, skb, null, null, goOn));
  hooked(); // the compiler takes its time
  direct();
  return hooked() - direct();
}

function perPacket(pass: () => void): number {
  const start = performance.now();
  for (let i = 0; i < PACKETS; i++) pass();
  return ((performance.now() - start) * 1e6) / PACKETS;
}

function setUp() {
  const surroundings: Plugin = {
    name: 'the bench',
    provide(provider) {
      provider.bind(Clock, () => virtualClock());
      provider.bind(Random, () => seededRandom(1));
      provider.bind(Memory, () => new Arena(1 << 20));
    },
  };
  const host = new Container('bench');
  host.use([surroundings, skbs(), softirqs({ name: 'bench' }), netfilter()]);
  return { hooks: host.get(NetfilterHooks), skb: host.get(Skbs).alloc(64)! };
}
