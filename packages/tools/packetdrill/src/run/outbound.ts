import type { Packet, ScriptEvent } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import type { Connection } from '../network/connection.ts';
import { timestampsOf } from '../network/timestamps.ts';
import { comparePacket } from '../packets/compare.ts';
import { mergeParts, mergeProblem } from '../packets/merge.ts';
import type { SeenPacket } from '../packets/seen-packet.ts';
import type { DueTime } from '../time/event-times.ts';
import { seconds, toleranceFor } from '../time/tolerance.ts';
import type { Session } from './session.ts';

/** How much later than it should a packet may come until it is given up, in microseconds; for `*`, a day. */
const PATIENCE = 2_000_000;
const FOREVER = 86_400_000_000;

/** Waits for the packet of a line with `>`, and compares. Throws a {@link ScriptError} when it is another one, or none. */
export async function expectOutbound(session: Session, event: ScriptEvent, due: DueTime): Promise<void> {
  const packet = event.action as Packet;
  const limit = due.any ? session.now + FOREVER : Math.max(session.now, due.to) + PATIENCE;
  const { connection, seen } = await collect(session, event.line, packet, limit);
  session.log.wentOut(session.sinceStart(seen.at), seen);
  const differences = [
    ...comparePacket(packet, seen, session.md5Key),
    ...compareTime(session, due, session.sinceStart(seen.at)),
  ];
  if (connection !== null) differences.push(...compareTimestamps(session, connection, packet, seen));
  if (differences.length > 0) throw new ScriptError(event.line, differences.join('\n'));
}

interface Collected {
  readonly connection: Connection | null;
  /** In the script's numbers. */
  readonly seen: SeenPacket;
}

/** The next packet; where a line stands for several segments, all of them as one. */
async function collect(session: Session, line: number, packet: Packet, limit: number): Promise<Collected> {
  const parts: SeenPacket[] = [];
  for (;;) {
    const next = await nextPacket(session, packet, limit);
    if (next === null && parts.length === 0) throw new ScriptError(line, nothingCame(session, limit));
    if (next === null) return { connection: session.connections.current, seen: mergeParts(parts) };
    const { connection, seen } = next;
    if (parts.length > 0) {
      const problem = mergeProblem(parts, seen);
      if (problem !== null) throw new ScriptError(line, `the rest of the bytes comes with ${problem}`);
    }
    parts.push(seen);
    const merged = mergeParts(parts);
    if (session.config.strictSegments || !isPart(packet, merged)) return { connection, seen: merged };
  }
}

/** Whether more bytes belong to the line. */
function isPart({ body }: Packet, { body: seen }: SeenPacket): boolean {
  return body.protocol === 'tcp' && seen?.protocol === 'tcp' && seen.length > 0 && seen.length < body.length;
}

function nothingCame({ now }: Session, limit: number): string {
  return `expected a packet, none was sent until ${seconds(Math.max(now, limit))}`;
}

async function nextPacket(session: Session, packet: Packet, limit: number): Promise<Collected | null> {
  await session.settle();
  for (;;) {
    const found = take(session, packet);
    if (found !== null) return found;
    if (!(await session.step(limit))) return take(session, packet);
  }
}

function take({ connections }: Session, { body }: Packet): Collected | null {
  if (body.protocol === 'icmp') {
    const seen = connections.icmp.shift();
    return seen === undefined ? null : { connection: null, seen };
  }
  const connection = connections.forOutbound(body.ports, body.protocol);
  const seen = connection?.queue.shift();
  if (connection === null || seen === undefined) return null;
  if (body.protocol === 'tcp') connection.learn(seen, body.seq);
  return { connection, seen: connection.toScript(seen) };
}

function compareTime(session: Session, due: DueTime, at: number): string[] {
  if (due.any) return [];
  const tolerance = toleranceFor(session.config, due.gap);
  if (at >= due.from - tolerance && at <= due.to + tolerance) return [];
  const wanted = due.from === due.to ? seconds(due.from) : `${seconds(due.from)} to ${seconds(due.to)}`;
  return [`time: expected ${wanted} (within ${seconds(tolerance)}), saw ${seconds(at)}`];
}

/** The value only, and only when the script says how long a tick is; the echo never. */
function compareTimestamps(session: Session, connection: Connection, { body }: Packet, seen: SeenPacket): string[] {
  if (body.protocol !== 'tcp' || seen.body?.protocol !== 'tcp') return [];
  const wanted = timestampsOf(body.options);
  const live = timestampsOf(seen.body.options);
  if (wanted === null || live === null) return [];
  const { config } = session;
  const actual = connection.timestamps.sent(wanted.val, live.val);
  const difference = Math.abs((wanted.val - actual) | 0) * config.tsTickUsecs;
  const tolerance = toleranceFor(config, session.sinceStart(seen.at));
  return difference <= tolerance ? [] : [`TS val: expected ${wanted.val}, saw ${actual}`];
}
