/** Hooks that break their contract, one way each; run by violations.test.ts. */
import { NF_ACCEPT, NF_DROP, NF_INET_LOCAL_IN, NF_STOLEN, NetfilterHooks, type NetfilterHook } from '@stack/netfilter';
import { ip, type SkBuff } from '@stack/skb';
import { hookContract } from '@stack/testing';
import { ask } from './wrong-context.ts';

const register = (name: string, fn: NetfilterHook['fn'], undo = true): void =>
  hookContract(name, () => ({
    name,
    attach(services) {
      const off = services.get(NetfilterHooks).register({ name, hook: NF_INET_LOCAL_IN, priority: 0, fn });
      return undo ? off : () => {};
    },
  }));

const kept: SkBuff[] = [];
let garbage: object[] = [];

register('without undo', () => NF_ACCEPT, false);
register('without verdict', () => undefined as never);
register('throwing', (skb) => {
  if (ip.protocol(skb) === 1) throw new Error('I do not know ICMP');
  return NF_ACCEPT;
});
register('hoarding', (skb) => {
  kept.push(skb);
  return NF_STOLEN;
});
register('freeing', (skb) => {
  skb.consume();
  return NF_ACCEPT;
});
register('scribbling', (skb) => {
  ip.setTtl(skb, 1);
  return NF_ACCEPT;
});
register('hasty', (skb) => (skb.headlen >= 24 && skb.u16(22) === 80 ? NF_DROP : NF_ACCEPT));
register('wasteful', (skb) => {
  garbage = [{ from: ip.saddr(skb), text: `${garbage.length}` }];
  return NF_ACCEPT;
});
register('asking', () => {
  ask();
  return NF_ACCEPT;
});
