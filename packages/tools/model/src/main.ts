/** `npm run model`: runs seeds, prints how to replay those that fail, and writes what passed between the hosts. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { check, replay, type Failure } from './check.ts';
import { drawScenario } from './scenario/draw.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    failures: { type: 'string', default: '1' },
    replay: { type: 'string' },
  },
});

/** An option that is a count. */
function number(name: 'runs' | 'seed' | 'failures' | 'replay', text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name} is a whole number, not ${text}`);
  process.exit(2);
}

function saveCapture(seed: number, capture: Uint8Array): string {
  const file = resolve(`model-${seed}.pcapng`);
  writeFileSync(file, capture);
  return file;
}

function tell({ seed, error, capture }: Failure): void {
  console.error(`\nseed ${seed}: ${error.stack ?? error.message}`);
  console.error(`replay with: npm run model -- --replay ${seed}`);
  console.error(`capture: ${saveCapture(seed, capture)}`);
}

function search(): void {
  const [seed, runs] = [number('seed', values.seed), number('runs', values.runs)];
  const began = performance.now();
  const onProgress = (done: number): void => {
    if (done % 10_000 === 0) process.stderr.write(`${done} of ${runs} runs\n`);
  };
  const report = check({ seed, runs, mostFailures: number('failures', values.failures), onProgress });
  for (const failure of report.failures) tell(failure);
  const { segments, events, delivered, retransmitted } = report.total;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${report.runs} runs from seed ${seed} in ${seconds} s, ${report.failures.length} failed`);
  console.log(
    `${segments} segments (${retransmitted} sent again), ${delivered} bytes read, ${events} events looked at`,
  );
  process.exitCode = report.failures.length > 0 ? 1 : 0;
}

function replayOne(seed: number): void {
  console.log(JSON.stringify(drawScenario(seed), null, 2));
  const { error, capture } = replay(seed);
  console.log(`capture: ${saveCapture(seed, capture)}`);
  console.log(error === null ? `seed ${seed}: nothing is wrong` : (error.stack ?? error.message));
  process.exitCode = error === null ? 0 : 1;
}

if (values.replay === undefined) search();
else replayOne(number('replay', values.replay));
