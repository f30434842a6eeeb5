/** `npm run throughput`: measures the grid and writes docs/throughput.md; with `--rate` or `--flows`, measures a part and prints it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { grid, measureCell, measureSharing, page, SHARED, type Cell, type Sharing } from './index.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '7' },
    rate: { type: 'string' },
    loss: { type: 'string' },
    flows: { type: 'string' },
  },
});

const seed = Number(values.seed);
const whole = values.rate === undefined && values.loss === undefined && values.flows === undefined;
const wanted = (filter: string | undefined, value: number): boolean => filter === undefined || Number(filter) === value;

function tellCell({ bottleneck, utilisation, warmUp, window }: Cell): void {
  const { loss, rate, delay, buffer } = bottleneck;
  const what = `${rate} Mbit/s, ${delay} ms, ${buffer} BDP, loss ${loss * 100} %`;
  console.error(`${what}: ${(utilisation * 100).toFixed(1)} % from ${warmUp} s on, for ${window} s`);
}

function tellSharing({ flows, bottleneck, utilisation, fairness }: Sharing): void {
  const what = `${flows} connections, ${bottleneck.delay} ms, ${bottleneck.buffer} BDP`;
  console.error(`${what}: ${(utilisation * 100).toFixed(1)} %, fairness ${fairness.toFixed(3)}`);
}

function told<T>(result: T, tell: (result: T) => void): T {
  tell(result);
  return result;
}

const cells = grid()
  .filter(({ rate, loss }) => values.flows === undefined && wanted(values.rate, rate) && wanted(values.loss, loss))
  .map((bottleneck) => told(measureCell(bottleneck, seed), tellCell));
const shared = SHARED.filter(({ flows }) => whole || values.flows === String(flows)).map(({ flows, bottleneck }) =>
  told(measureSharing(flows, bottleneck, seed), tellSharing),
);
if (whole) {
  const file = fileURLToPath(new URL('../../../../docs/throughput.md', import.meta.url));
  writeFileSync(file, page(cells, shared, seed));
  console.log(`written: ${file}`);
}
