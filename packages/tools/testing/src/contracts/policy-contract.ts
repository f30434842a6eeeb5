import type { Plugin } from '@stack/plugin';
import { ip, Skbs, type SkBuff } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { ipHost } from './ip-host.ts';
import { readerTests, type Reader, type ReaderBench, type ReaderOptions } from './readers.ts';

/** In, out and through: XFRM_POLICY_*. */
const DIRECTIONS = ['in', 'out', 'forward'];

/**
 * What every policy has to do, as tests: it says yes or no to every packet in every direction, only reads, allocates
 * nothing, and goes with its host.
 *
 * ```ts
 * policyContract('no-ping', () => noPing);
 * ```
 *
 * @param make - the plugin that adds the policy, new for each test
 */
export function policyContract(name: string, make: () => Plugin, options: ReaderOptions = {}): void {
  describe(`the policy ${name}`, () => {
    test('is added by its plugin, and goes when the host closes', async () => {
      const { Policies } = await import('@stack/ipv4');
      const host = await ipHost([make()]);
      const policies = host.get(Policies);
      expect(policies.policies, 'attach has to add a policy to Policies').not.toBeNull();
      host.close();
      expect(policies.policies, 'attach has to return the undo of add').toBeNull();
    });

    readerTests(
      () => bench(make),
      (answer) => (typeof answer === 'boolean' ? null : 'a policy says true or false'),
      options,
    );
  });
}

async function bench(make: () => Plugin): Promise<ReaderBench> {
  const { Policies } = await import('@stack/ipv4');
  // What stands around a policy answers for it: a policy is asked itself here, as its plugin added it.
  const added: { name: string; allows(skb: SkBuff, direction: number): unknown }[] = [];
  const host = await ipHost([watching(added, Policies), make()]);
  const readers = added.flatMap((policy) =>
    DIRECTIONS.map((direction, number): Reader => ({
      name: `policy ${policy.name} (${direction})`,
      ask: (skb) => policy.allows(skb, number),
      place: (skb) => void (number === 0 && skb.pull(ip.headerLength(skb))),
    })),
  );
  return { host, pool: host.get(Skbs), readers };
}

/** Notes what is added to a registry. */
function watching(added: unknown[], registry: typeof import('@stack/ipv4').Policies): Plugin {
  return {
    name: 'policy contract',
    attach(services) {
      const list = services.get(registry);
      const add = list.add.bind(list);
      list.add = (policy) => (added.push(policy), add(policy));
    },
  };
}
