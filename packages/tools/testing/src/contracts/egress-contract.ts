import type { Plugin } from '@stack/plugin';
import { Skbs } from '@stack/skb';
import { describe, expect, test } from 'vitest';
import { ipHost } from './ip-host.ts';
import { readerTests, type ReaderBench, type ReaderOptions } from './readers.ts';

const NET_XMIT_CN = 2;

/**
 * What every egress program has to do, as tests: it passes, marks or refuses every packet, only reads, allocates nothing,
 * and goes with its host.
 *
 * ```ts
 * egressContract('egress-budget', () => egressBudget(1000));
 * ```
 *
 * @param make - the plugin that adds the program, new for each test
 */
export function egressContract(name: string, make: () => Plugin, options: ReaderOptions = {}): void {
  describe(`the egress program ${name}`, () => {
    test('is added by its plugin, and goes when the host closes', async () => {
      const { EgressPrograms } = await import('@stack/ipv4');
      const host = await ipHost([make()]);
      const list = host.get(EgressPrograms);
      expect(list.programs, 'attach has to add a program to EgressPrograms').not.toBeNull();
      host.close();
      expect(list.programs, 'attach has to return the undo of add').toBeNull();
    });

    readerTests(() => bench(name, make), wrong, options);
  });
}

function wrong(answer: unknown): string | null {
  const right = answer === 0 || answer === NET_XMIT_CN || (Number.isInteger(answer) && (answer as number) < 0);
  return right ? null : 'NET_XMIT_SUCCESS, NET_XMIT_CN or a negative errno';
}

async function bench(name: string, make: () => Plugin): Promise<ReaderBench> {
  const { EgressPrograms } = await import('@stack/ipv4');
  const host = await ipHost([make()]);
  const programs = host.get(EgressPrograms).programs ?? [];
  return { host, pool: host.get(Skbs), readers: programs.map((ask) => ({ name: `egress program ${name}`, ask })) };
}
