import type { Kind } from './kind.ts';

export const hook: Kind = {
  kind: 'hook',
  title: 'a netfilter hook: decides about packets on their way through IPv4',
  needs: ['netfilter', 'plugin', 'skb'],
  testNeeds: [],
  source: `import { NF_ACCEPT, NF_DROP, NF_INET_LOCAL_IN, NF_IP_PRI_FILTER, NetfilterHooks } from '@stack/netfilter';
/*type*/import type { Plugin } from '@stack/plugin';
import { ip } from '@stack/skb';

/** Lets nobody reach these TCP ports. */
export function CAMEL(ports/*: readonly number[] */ = [23])/*: Plugin */ {
  const closed = new Set(ports);
  return {
    name: 'NAME',
    attach: (services) =>
      services.get(NetfilterHooks).register({
        name: 'NAME',
        hook: NF_INET_LOCAL_IN,
        priority: NF_IP_PRI_FILTER,
        fn(skb) {
          const transport = ip.headerLength(skb);
          if (ip.protocol(skb) !== ip.PROTO_TCP || ip.isFragment(skb) || !skb.mayPull(transport + 4)) return NF_ACCEPT;
          return closed.has(skb.u16(transport + 2)) ? NF_DROP : NF_ACCEPT;
        },
      }),
  };
}
`,
  test: `import { NF_HOOK, NF_INET_LOCAL_IN, NetfilterHooks, netfilter } from '@stack/netfilter';
import { Skbs } from '@stack/skb';
import { hookContract, machine, tcpFrame, testHost } from '@stack/testing';
import { expect, test } from 'vitest';
import { CAMEL } from '../src/index.EXT';

hookContract('NAME', () => CAMEL());

test.each([
  [23, false],
  [80, true],
])('a connection to port %i passes: %s', (destinationPort, passes) => {
  const host = testHost(machine(), 'alice', [netfilter(), CAMEL([23])]);
  const skb = host.get(Skbs).alloc(256)/*!*/;
  skb.putData(tcpFrame({ sourcePort: 4000, destinationPort, flags: 'S' }).subarray(14));
  skb.resetNetworkHeader();
  let passed = false;
  NF_HOOK(host.get(NetfilterHooks), NF_INET_LOCAL_IN, skb, null, null, (through) => {
    passed = true;
    through.consume();
    return 0;
  });
  expect(passed).toBe(passes);
});
`,
  example: `const server = lab.host({ name: 'server', use: [...inet(), CAMEL([23])] });`,
};
