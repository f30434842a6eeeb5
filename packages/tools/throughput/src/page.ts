import { queueBytes } from './bottleneck.ts';
import { BUFFERS, DELAYS, LOSSES, RATES, type Cell, type Sharing } from './grid.ts';

const percent = (share: number): string => (share * 100).toFixed(1);
const shareOf = (loss: number): string => `${loss * 100} %`;
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const rule = (columns: number): string => `| ${Array.from({ length: columns }, () => '---:').join(' | ')} |`;

const INTRODUCTION = `# Throughput

How much of a bottleneck a connection of CUBIC uses in steady state, by loss, delay, rate and the length of the queue. All of it is
virtual time: the same seed gives the same figures on every machine. Written by \`npm run throughput\`, which takes a quarter of an
hour; \`npm run throughput -- --rate 10\` measures some cells and prints them.

- **The network:** two hosts with an e1000 each, on a cable with a rate, a delay and a queue whose tail is dropped. The sender's card
  puts out segments as fast as it can; the queue is the cable's.
- **Delay** is one way, as the cable's option of that name: the round trip takes twice that, and the bandwidth-delay product (BDP)
  is of the round trip.
- **Buffer** is the queue's length in BDP, in whole frames, and four frames at least: what a sender puts out at once must fit. That
  makes a difference at 10 Mbit/s and 1 ms, where the BDP is less than two frames.
- **Loss** strikes data frames, independently of each other; ACKs are not lost.
- **Utilisation** is payload read by the application over payload that the wire can carry (1448 of 1538 bytes are payload), in
  percent. It may exceed 100 a little: what had waited behind a hole is read when the hole is filled.
- **The window of time:** without loss, counting begins after 10 seconds or one and a half periods of CUBIC, whichever is longer
  (the time to come back to a window at which something was lost: 31 s at 1000 Mbit/s, 50 ms and 4 BDP), and goes on for three
  periods, at least 10 seconds, at most a million frames. With loss, it begins after 10 seconds and goes on for 30.
- **Settings** are Linux's defaults but for the largest buffers of sockets (\`tcp_rmem[2]\`, \`tcp_wmem[2]\`), which are large enough
  for the product and the queue, as they have to be in Linux.`;

/** Tables of the grid, as a page of the documentation. */
export function page(cells: readonly Cell[], shared: readonly Sharing[], seed: number): string {
  const parts = [INTRODUCTION, `The seed is ${seed}.`, '## One connection'];
  for (const rate of RATES) parts.push(`### ${rate} Mbit/s`, tableOf(cells.filter((c) => c.bottleneck.rate === rate)));
  parts.push(
    'With random loss it is the loss that sets the pace, not the queue: CUBIC halves nearly as often as something is lost, and',
  );
  parts[parts.length - 1] +=
    '\nthe window that it keeps is a few dozen segments at 0.1 %, and fewer than ten at 3 %, whatever the rate.';
  parts.push('## Several connections', SHARING, sharingTable(shared));
  return `${parts.join('\n\n')}\n`;
}

const SHARING = `Connections between the same two hosts begin a second apart and share 100 Mbit/s without random loss. After 120 seconds, what each
gets is counted for 120. Jain's index is 1 when all get the same.`;

function tableOf(cells: readonly Cell[]): string {
  const head = [
    'delay, ms',
    'buffer, BDP',
    ...LOSSES.map((loss) => `loss ${shareOf(loss)}`),
    'sent again without loss, %',
  ];
  const rows = DELAYS.flatMap((delay) =>
    BUFFERS.map((buffer) => {
      const line = LOSSES.map((loss) =>
        cells.find(({ bottleneck: b }) => b.delay === delay && b.buffer === buffer && b.loss === loss),
      );
      const again = line[0] === undefined ? '' : (line[0].retransmitted * 100).toFixed(2);
      return row([delay, buffer, ...line.map((cell) => (cell === undefined ? '' : percent(cell.utilisation))), again]);
    }),
  );
  return [row(head), rule(head.length), ...rows].join('\n');
}

function sharingTable(shared: readonly Sharing[]): string {
  const head = [
    'connections',
    'delay, ms',
    'buffer, BDP',
    'queue, KB',
    'utilisation, %',
    "Jain's index",
    'least and most, Mbit/s',
  ];
  const rows = shared.map(({ flows, bottleneck, utilisation, fairness, goodputs }) =>
    row([
      flows,
      bottleneck.delay,
      bottleneck.buffer,
      Math.round(queueBytes(bottleneck) / 1000),
      percent(utilisation),
      fairness.toFixed(3),
      `${Math.min(...goodputs).toFixed(1)} – ${Math.max(...goodputs).toFixed(1)}`,
    ]),
  );
  return [row(head), rule(head.length), ...rows].join('\n');
}
