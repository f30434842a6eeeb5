import { MSEC, nanoseconds, type Nanoseconds } from '@stack/clock';
import { StackError } from '@stack/plugin';
import type { Frame } from './frame.ts';
import type { CableOptions, LinkOptions, QueueLimit, Rate } from './options.ts';

const BITS: Record<string, number> = { kbit: 1e3, Mbit: 1e6, Gbit: 1e9 };
const BYTES: Record<string, number> = { B: 1, KB: 1024, MB: 1024 * 1024 };
const LINK_OPTIONS = ['rate', 'delay', 'queue', 'loss', 'duplicate', 'reorder', 'corrupt'];

/** The options of one direction, checked and in plain units. */
export interface LinkSettings {
  /** Bits per second, 0 when unlimited. */
  readonly rate: number;
  readonly delay: Nanoseconds;
  /** Infinity where there is no limit; both are when there is no queue. */
  readonly queueFrames: number;
  readonly queueBytes: number;
  readonly loss: number;
  readonly losesFrame: ((frame: Frame, index: number) => boolean) | null;
  readonly duplicate: number;
  readonly reorder: number;
  readonly reorderGap: number;
  readonly reorderDelay: Nanoseconds;
  readonly corrupt: number;
  /** Whether the receiver's FCS check finds the damage. */
  readonly corruptFcs: boolean;
}

/** Checks the options of one direction. Throws `ERR_STACK_CABLE_OPTION`. */
export function linkSettings(options: LinkOptions): LinkSettings {
  checkNames(options, LINK_OPTIONS);
  const rate = bitsPerSecond(options.rate ?? 0);
  const queue = queueLimits(options.queue ?? 0);
  if (rate === 0 && options.queue) bad('queue', options.queue, 'give a rate too: without one no frame ever waits');
  const { loss = 0, reorder = 0, corrupt = 0 } = options;
  const late = typeof reorder === 'object' ? reorder : { rate: reorder };
  const damage = typeof corrupt === 'object' ? corrupt : { rate: corrupt };
  checkNames(late, ['rate', 'gap', 'delay']);
  checkNames(damage, ['rate', 'fcs']);
  return {
    rate,
    delay: nanoseconds(options.delay ?? 0),
    ...queue,
    loss: typeof loss === 'function' ? 0 : probability('loss', loss),
    losesFrame: typeof loss === 'function' ? loss : null,
    duplicate: probability('duplicate', options.duplicate ?? 0),
    reorder: probability('reorder', late.rate),
    reorderGap: atLeastOne('reorder.gap', late.gap ?? 3),
    reorderDelay: nanoseconds(late.delay ?? 10 * MSEC),
    corrupt: probability('corrupt', damage.rate),
    corruptFcs: damage.fcs ?? true,
  };
}

/** What `options` say of each direction. */
export function perDirection(options: CableOptions): { aToB: LinkOptions; bToA: LinkOptions } {
  const { aToB, bToA, ...both } = options;
  return { aToB: { ...both, ...aToB }, bToA: { ...both, ...bToA } };
}

function bitsPerSecond(rate: Rate): number {
  const match = typeof rate === 'string' ? /^(\d+(?:\.\d+)?)(kbit|Mbit|Gbit)$/.exec(rate) : null;
  const value = match ? Number(match[1]) * BITS[match[2]] : rate;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  return bad('rate', rate, "write bits per second or '100Mbit'; 0 is unlimited");
}

function queueLimits(queue: QueueLimit): { queueFrames: number; queueBytes: number } {
  const match = typeof queue === 'string' ? /^(\d+(?:\.\d+)?)(B|KB|MB)$/.exec(queue) : null;
  if (match) return { queueFrames: Infinity, queueBytes: Number(match[1]) * BYTES[match[2]] };
  if (queue === 0) return { queueFrames: Infinity, queueBytes: Infinity };
  return { queueFrames: atLeastOne('queue', queue), queueBytes: Infinity };
}

function probability(name: string, value: number): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  return bad(name, value, 'give a fraction from 0 to 1: 0.05 is 5 %');
}

function atLeastOne(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  return bad(name, value, "give a number of frames from 1 on, or for a queue its bytes: '64KB'");
}

function checkNames(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      bad(name, (options as Record<string, unknown>)[name], `a cable knows ${known.join(', ')}`);
  }
}

function bad(name: string, value: unknown, remedy: string): never {
  throw new StackError('ERR_STACK_CABLE_OPTION', `${name}: ${JSON.stringify(value)} is no option of a cable`, remedy);
}
