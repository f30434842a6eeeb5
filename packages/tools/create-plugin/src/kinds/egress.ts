import type { Kind } from './kind.ts';
import { HOST_IMPORTS, HOST_NEEDS, twoHosts } from './two-hosts.ts';

export const egress: Kind = {
  kind: 'egress',
  title: 'an egress program: lets packets leave the host, or not',
  needs: ['ipv4', 'netdev', 'plugin'],
  testNeeds: HOST_NEEDS,
  source: `import { EgressPrograms } from '@stack/ipv4';
import { NET_XMIT_SUCCESS } from '@stack/netdev';
import { EMSGSIZE } from '@stack/plugin';
/*type*/import type { Plugin } from '@stack/plugin';

/** Nothing of more than \`most\` bytes leaves the host. */
export function CAMEL(most/*: number */ = 1000)/*: Plugin */ {
  return {
    name: 'NAME',
    attach: (services) =>
      services.get(EgressPrograms).add(function onlySmall(skb) {
        return skb.len > most ? -EMSGSIZE : NET_XMIT_SUCCESS;
      }),
  };
}
`,
  test: `${HOST_IMPORTS}import { egressContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { CAMEL } from '../src/index.EXT';

egressContract('NAME', () => CAMEL());

test('small packets leave, and who sends a long one learns why it does not', async () => {
${twoHosts('[...inet(), CAMEL(100)]')}  await clock.settle(client.ping('10.0.0.1', { size: 10 }));
  await expect(clock.settle(server.ping('10.0.0.2', { size: 1000 }))).rejects.toMatchObject({ code: 'EMSGSIZE' });
  lab.close();
});
`,
  example: `const server = lab.host({ name: 'server', use: [...inet(), CAMEL(1000)] });`,
};
