/** `npm run bench`: our stack against Node's own net over kernel loopback, in one process and one run. */
import Table from 'cli-table3';
import { kernelLoopback, stackOverCable, type Contender } from './contender.ts';
import { hookCost } from './hooks.ts';
import { qdiscCost, qdiscSubjects } from './qdisc.ts';
import { bulk, connectClose, held, type Measurement, pingPong, ticks } from './measurements.ts';

const RUNS = 5;
/** Runs that do not count, and how long they go on at least: the compiler takes its time. Milliseconds. */
const WARM_UPS = 3;
const WARM_UP_TIME = 6_000;

const measurements: { measurement: Measurement; goal: string }[] = [
  { measurement: bulk(256), goal: 'at least 0.4' },
  { measurement: pingPong(1, 20_000), goal: 'at least 1.5' },
  { measurement: pingPong(1024, 20_000), goal: 'at least 1.5' },
  { measurement: connectClose(1, 2_000), goal: 'at least 1.5' },
  { measurement: connectClose(100, 5_000), goal: 'at least 1.5' },
  { measurement: held(10_000), goal: 'ours under 4,096' },
];

function median(figures: number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)];
}

/** Measures both in turn, run by run, so that a slow moment of the machine hits both. */
async function compare(
  measurement: Measurement,
  ours: Contender,
  theirs: Contender,
): Promise<{ ours: number; theirs: number; ticks: number }> {
  const figures = { ours: [] as number[], theirs: [] as number[], ticks: [] as number[] };
  const start = performance.now();
  for (let run = 0; run < WARM_UPS || performance.now() - start < WARM_UP_TIME; run++)
    for (const contender of [theirs, ours]) await measurement.run(contender);
  for (let run = 0; run < RUNS; run++) {
    figures.theirs.push(await measurement.run(theirs));
    figures.ours.push(await measurement.run(ours));
    figures.ticks.push(ticks.share);
  }
  return { ours: median(figures.ours), theirs: median(figures.theirs), ticks: median(figures.ticks) };
}

const format = (figure: number): string =>
  figure >= 100 ? Math.round(figure).toLocaleString('en') : figure.toFixed(2);

const table = new Table({ head: ['', 'unit', '@stack', 'node:net', 'ratio', 'goal'], style: { head: [] } });
const only = process.argv[2];
for (const { measurement, goal } of measurements) {
  if (only !== undefined && !measurement.name.includes(only)) continue;
  const ours = stackOverCable();
  const theirs = kernelLoopback();
  const result = await compare(measurement, ours, theirs);
  await ours.close();
  table.push([
    measurement.name,
    measurement.unit,
    format(result.ours),
    format(result.theirs),
    (result.ours / result.theirs).toFixed(2),
    goal,
  ]);
  if (measurement.name.startsWith('bulk')) {
    table.push([
      "the application's 10 ms timer during bulk",
      'share of its ticks',
      result.ticks.toFixed(2),
      '',
      '',
      'at least 0.90',
    ]);
  }
  process.stderr.write(
    `${measurement.name}: ${format(result.ours)} against ${format(result.theirs)} ${measurement.unit}\n`,
  );
}
if (table.length > 0) {
  console.log(`Medians of ${RUNS}, Node ${process.version}; both ends of each contender in this one process.`);
  console.log(table.toString());
}
if (only === undefined || 'qdisc'.includes(only)) printQdiscs();
if (only === undefined || 'hooks'.includes(only)) printHooks();

/** What disciplines cost a packet, by the number of flows. */
function printQdiscs(): void {
  const flows = [1, 100, 10_000];
  const costs = new Table({ head: ['qdisc', ...flows.map((count) => `${count} flows`)], style: { head: [] } });
  for (const subject of qdiscSubjects) {
    const figures = flows.map((count) => median(Array.from({ length: 3 }, () => qdiscCost(subject, count))));
    costs.push([subject.kind, ...figures.map((figure) => figure.toFixed(0))]);
  }
  console.log('Nanoseconds of enqueue and dequeue for each packet.');
  console.log(costs.toString());
}

/** What a chain of hooks costs a packet. */
function printHooks(): void {
  const counts = [0, 1, 10];
  const costs = new Table({ head: ['hooks of a chain', ...counts.map(String), 'goal for ten'], style: { head: [] } });
  const figures = counts.map((count) => median(Array.from({ length: RUNS }, () => hookCost(count))));
  costs.push(['ns for each packet', ...figures.map((figure) => figure.toFixed(1)), 'under 100']);
  console.log(costs.toString());
}
