import type { Kind } from './kind.ts';
import { HOST_IMPORTS, HOST_NEEDS, twoHosts } from './two-hosts.ts';

export const queue: Kind = {
  kind: 'queue',
  title: 'a handler of NF_QUEUE: a filter that takes its time, and may rewrite packets',
  needs: ['netfilter', 'plugin', 'skb'],
  testNeeds: HOST_NEEDS,
  source: `import { NF_ACCEPT, NF_INET_LOCAL_IN, NF_IP_PRI_MANGLE, NF_QUEUE_NR, NetfilterHooks } from '@stack/netfilter';
/*type*/import type { Plugin } from '@stack/plugin';
import { ip } from '@stack/skb';

/** Number of the queue. */
export const QUEUE = 1;
const UDP_HEADER = 8;

const capital = (letter/*: number */)/*: number */ => (letter >= 97 && letter <= 122 ? letter - 32 : letter);

/** Datagrams arrive in capitals. */
export function CAMEL()/*: Plugin */ {
  return {
    name: 'NAME',
    attach(services) {
      const hooks = services.get(NetfilterHooks);
      const handler = hooks.userQueue(QUEUE, async ({ bytes }) => {
        await Promise.resolve(); // whoever is to be asked
        const at = (bytes[0]/*!*/ & 15) * 4 + UDP_HEADER;
        for (let i = at; i < bytes.length; i++) bytes[i] = capital(bytes[i]/*!*/);
        return { bytes }; // lengths and checksums are made right
      });
      const undo = hooks.register({
        name: 'NAME',
        hook: NF_INET_LOCAL_IN,
        priority: NF_IP_PRI_MANGLE,
        fn: (skb) => (ip.protocol(skb) === ip.PROTO_UDP && !ip.isFragment(skb) ? NF_QUEUE_NR(QUEUE) : NF_ACCEPT),
      });
      return () => {
        undo();
        handler.close();
      };
    },
  };
}
`,
  test: `import { once } from 'node:events';
${HOST_IMPORTS}import { queueContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { CAMEL, QUEUE } from '../src/index.EXT';

queueContract('NAME', () => CAMEL(), { queue: QUEUE });

test('a datagram arrives rewritten', async () => {
${twoHosts('[...inet(), CAMEL()]')}  const receiver = server.dgram.createSocket('udp4');
  receiver.bind(7);
  client.dgram.createSocket('udp4').send('can you hear me?', 7, '10.0.0.1');
  const [bytes] = await clock.settle(once(receiver, 'message'));
  expect(String(bytes)).toBe('CAN YOU HEAR ME?');
  lab.close();
});
`,
  example: `const server = lab.host({ name: 'server', use: [...inet(), CAMEL()] });`,
};
