import { NF_ACCEPT, NF_DROP, NF_INET_LOCAL_IN, NetfilterHooks, type NetfilterHook } from '@stack/netfilter';
import type { Plugin } from '@stack/plugin';
import { ip } from '@stack/skb';
import { hookContract } from '@stack/testing';

const plugin = (fn: NetfilterHook['fn']) => (): Plugin => ({
  name: 'sample',
  attach: (services) =>
    services.get(NetfilterHooks).register({ name: 'sample', hook: NF_INET_LOCAL_IN, priority: 0, fn }),
});

hookContract(
  'no-telnet',
  plugin((skb) => (ip.protocol(skb) === 6 && skb.mayPull(24) && skb.u16(22) === 23 ? NF_DROP : NF_ACCEPT)),
);
