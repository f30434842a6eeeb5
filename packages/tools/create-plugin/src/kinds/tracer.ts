import type { Kind } from './kind.ts';
import { HOST_IMPORTS, HOST_NEEDS, twoHosts } from './two-hosts.ts';

export const tracer: Kind = {
  kind: 'tracer',
  title: 'a tracer: sees every packet enter every function',
  needs: ['trace'],
  testNeeds: HOST_NEEDS,
  source: `import { installTracer, tracing } from '@stack/trace';

/** How often each function was entered on a host, until it is stopped. One tracer runs at a time. */
export function CAMEL(host/*: string */)/*: { readonly counts: ReadonlyMap<string, number>; stop(): void } */ {
  const counts = new Map/*<string, number>*/();
  const stop = installTracer({
    hit(fn) {
      if (tracing.context.host === host) counts.set(fn, (counts.get(fn) ?? 0) + 1);
    },
    born() {},
  });
  return { counts, stop };
}
`,
  test: `${HOST_IMPORTS}import { tracerContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { CAMEL } from '../src/index.EXT';

tracerContract('NAME', () => CAMEL('alice'));

test('the answer to a ping is seen on its way', async () => {
${twoHosts()}  const tracer = CAMEL(server.name);
  await clock.settle(client.ping('10.0.0.1'));
  tracer.stop();
  expect(tracer.counts.get('icmp_rcv')).toBe(1);
  expect(tracer.counts.get('icmp_echo')).toBe(1);
  lab.close();
});
`,
  example: `const tracer = CAMEL('server');
await client.ping('10.0.0.1');
tracer.stop();
console.log(tracer.counts);`,
};
