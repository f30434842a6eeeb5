import { USEC, type Nanoseconds } from '@stack/clock';
import type { Step } from './walk-recorder.ts';

export interface FormatOptions {
  /** From which gap on a line tells that the packet waited, in nanoseconds; 1 microsecond unless given. */
  wait?: Nanoseconds;
}

const DROP = 'kfree_skb';

/**
 * The walk of a packet as text, a line for each trace point:
 *
 * ```
 *          us where            function                        bytes
 *       0.000 client/0 process tcp_sendmsg                       100
 *       0.500 client/0 process ip_queue_xmit                     152 #8 routed
 *             waited 2000.000 us
 *    2000.500 server/0 softirq ip_rcv                            152 #9
 *    2000.500 server/0 softirq dropped                           152 NO_SOCKET
 * ```
 *
 * The first column counts from the first step. A number with `#` begins where another buffer carries the packet on.
 */
export function formatWalk(steps: readonly Step[], options: FormatOptions = {}): string {
  if (steps.length === 0) return 'no steps\n';
  const wait = options.wait ?? USEC;
  const start = steps[0].time;
  const places = steps.map(({ host, cpu, context }) => `${host}/${cpu} ${context}`);
  const wide = Math.max('where'.length, ...places.map(({ length }) => length));
  const lines = [row('us', 'where'.padEnd(wide), 'function', 'bytes', '')];
  let last = steps[0];
  steps.forEach((step, i) => {
    if (step.time - last.time >= wait) lines.push(row('', `waited ${micros(step.time - last.time)} us`));
    const notes = [step.id === last.id ? '' : `#${step.id}`, `${step.note}`].filter((note) => note !== '');
    const fn = step.fn === DROP ? 'dropped' : step.fn;
    lines.push(row(micros(step.time - start), places[i].padEnd(wide), fn, `${step.len}`, notes.join(' ')));
    last = step;
  });
  return `${lines.join('\n')}\n`;
}

function row(time: string, where: string, fn = '', bytes = '', note = ''): string {
  return `${time.padStart(12)} ${where} ${fn.padEnd(30)} ${bytes.padStart(6)} ${note}`.trimEnd();
}

function micros(ns: Nanoseconds): string {
  return (ns / USEC).toFixed(3);
}
