import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { USEC } from '@stack/clock';
import { packetWalk } from '@stack/host';
import { formatWalk, installTracer, WalkRecorder, type Step } from '@stack/trace';
import type { Pair } from './pair.ts';
import type { Say } from './say.ts';
import { files, REPOSITORY, serve } from './web.ts';

export interface WalkFacts {
  readonly url: string;
  readonly bytes: number;
  /** Whether what was fetched is what lies on the disk. */
  readonly intact: boolean;
  /** Trace points passed by the request's first segment, on both hosts. */
  readonly steps: readonly Step[];
}

const PATH = '/README.md';
/** Fetches beforehand, so that the times shown are not those of the engine's compiler. */
const WARM_UP = 500;
/** Waits shorter than this are seen in the first column only. */
const WORTH_A_LINE = 50 * USEC;

/** Step 2: fetches a file and shows which way the request went. */
export async function firstSegment({ lab, server, client }: Pair, say: Say): Promise<WalkFacts> {
  const web = await serve(server, files);
  const url = `http://server${PATH}`;
  const fetched = async (): Promise<Buffer> => Buffer.from(await (await client.fetch(url)).arrayBuffer());
  for (let i = 0; i < WARM_UP; i++) await fetched();
  const recorder = new WalkRecorder(lab.clock);
  const remove = installTracer(recorder);
  const body = await fetched();
  remove();
  web.close();
  web.closeAllConnections();
  const intact = sha256(body) === sha256(await readFile(new URL(`.${PATH}`, REPOSITORY)));
  const steps = packetWalk(recorder, { from: client.name, to: server.name });
  say.heading(`GET ${url}: the way of the request's first segment`);
  say.line(formatWalk(steps, { wait: WORTH_A_LINE }));
  say.line(`${body.length} bytes came back, ${intact ? 'the same as' : 'NOT WHAT IS'} on the disk`);
  return { url, bytes: body.length, intact, steps };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
