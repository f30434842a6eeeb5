import { writeFile } from 'node:fs/promises';
import type { HostFacts } from '@stack/host';
import { badCable, type BadCableFacts } from './bad-cable.ts';
import { bulk, type BulkFacts } from './bulk.ts';
import { firstSegment, type WalkFacts } from './first-segment.ts';
import { showHosts } from './hosts.ts';
import type { Options } from './options.ts';
import { pair } from './pair.ts';
import { grouped, say } from './say.ts';

/** Everything that the program shows: what `--json` prints. */
export interface Facts {
  /** Whether every hash and both captures agree. */
  readonly ok: boolean;
  readonly hosts: readonly HostFacts[];
  readonly walk: WalkFacts;
  readonly bulk: BulkFacts;
  readonly badCable: BadCableFacts;
  readonly capture: { readonly file: string; readonly bytes: number };
}

/** Over the bad cable goes less: one part of so many. */
const BAD_CABLE_SHARE = 16;

/** All steps, one after the other. */
export async function run(options: Options): Promise<Facts> {
  const { bytes, seed } = options;
  const out = say(options);
  const real = await atFullSpeed(options);
  const { facts, capture } = await badCable(Math.ceil(bytes / BAD_CABLE_SHARE), seed, out);
  await writeFile(options.capture, capture);
  out.line(`\n${options.capture} has ${grouped(capture.length)} bytes: open it with Wireshark`);
  const ok = real.walk.intact && real.bulk.intact && facts.intact && facts.identical;
  return { ok, ...real, badCable: facts, capture: { file: options.capture, bytes: capture.length } };
}

/** The steps on a real clock. */
async function atFullSpeed(options: Options): Promise<Pick<Facts, 'hosts' | 'walk' | 'bulk'>> {
  const out = say(options);
  const both = pair();
  try {
    const hosts = showHosts(both, out);
    const walk = await firstSegment(both, out);
    return { hosts, walk, bulk: await bulk(both, options.bytes, options.seed, out) };
  } finally {
    both.lab.close();
  }
}
