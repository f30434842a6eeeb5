import type { Kind } from './kind.ts';
import { HOST_IMPORTS, HOST_NEEDS, twoHosts } from './two-hosts.ts';

export const policy: Kind = {
  kind: 'policy',
  title: 'a policy: which packets may pass at all, whatever the firewall says',
  needs: ['ipv4', 'plugin', 'skb'],
  testNeeds: HOST_NEEDS,
  source: `import { Policies, XFRM_POLICY_IN } from '@stack/ipv4';
/*type*/import type { Plugin } from '@stack/plugin';
import { ip } from '@stack/skb';

/** Nothing of these protocols is for this host. */
export function CAMEL(protocols/*: readonly number[] */ = [ip.PROTO_ICMP])/*: Plugin */ {
  const refused = new Set(protocols);
  return {
    name: 'NAME',
    attach: (services) =>
      services.get(Policies).add({
        name: 'NAME',
        allows: (skb, direction) => direction !== XFRM_POLICY_IN || !refused.has(ip.protocol(skb)),
      }),
  };
}
`,
  test: `${HOST_IMPORTS}import { DropReason, Skbs } from '@stack/skb';
import { policyContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { CAMEL } from '../src/index.EXT';

policyContract('NAME', () => CAMEL());

test('nobody hears of pings', async () => {
${twoHosts('[...inet(), CAMEL()]')}  await expect(clock.settle(client.ping('10.0.0.1'))).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  expect(server.get(Skbs).drops[DropReason.XFRM_POLICY]).toBe(1);
  lab.close();
});
`,
  example: `const server = lab.host({ name: 'server', use: [...inet(), CAMEL()] });`,
};
