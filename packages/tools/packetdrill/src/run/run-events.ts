import type { Call, Script, ScriptEvent } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import { runCommand } from '../shell/run-command.ts';
import { checkOutcome, type Outcome } from '../syscalls/outcome.ts';
import { performCall } from '../syscalls/perform.ts';
import { EventTimes, type DueTime } from '../time/event-times.ts';
import { BlockedCall } from './blocked-call.ts';
import { runCodeEvent } from './code.ts';
import { sendInbound } from './inbound.ts';
import { expectOutbound } from './outbound.ts';
import type { Session } from './session.ts';
import { eventLoopTurn } from './turn.ts';

/** Runs a script's events in turn. Throws a {@link ScriptError} at the first that does not happen as it should. */
export async function runEvents(session: Session, script: Script): Promise<void> {
  const times = new EventTimes();
  for (const event of script.events) {
    const due = times.next(event, session.now);
    await runEvent(session, event, due);
  }
  await session.blocked?.wait(session);
}

async function runEvent(session: Session, event: ScriptEvent, due: DueTime): Promise<void> {
  const { action } = event;
  if (action.kind === 'packet' && !action.inbound) return expectOutbound(session, event, due);
  if (action.kind === 'call') await session.blocked?.wait(session);
  await session.advanceTo(due.from);
  if (action.kind === 'packet') sendInbound(session, event.line, action, event.text);
  else if (action.kind === 'command') runCommand(session, action);
  else if (action.kind === 'code') runCodeEvent(session, action);
  else await runCall(session, event, action, due);
  await session.settle();
}

async function runCall(session: Session, event: ScriptEvent, call: Call, due: DueTime): Promise<void> {
  const answer = performCall(session, call, event.line);
  if (due.end !== null) {
    session.blocked = new BlockedCall(session, event, due.from, due.end, Promise.resolve(answer));
    return;
  }
  const outcome = answer instanceof Promise ? await atOnce(session, event.line, answer) : answer;
  checkOutcome(event.line, call, outcome, session.descriptors);
}

/** A call without a time to return at must do so at this very instant. */
async function atOnce(session: Session, line: number, answer: Promise<Outcome>): Promise<Outcome> {
  let outcome: Outcome | null = null;
  let error: unknown = null;
  answer.then(
    (value) => (outcome = value),
    (reason: unknown) => (error = reason),
  );
  do await eventLoopTurn();
  while (outcome === null && error === null && drained(session));
  if (error !== null) throw error as Error;
  if (outcome === null) throw new ScriptError(line, 'the call blocks; give it a time to return at: +0...0.1');
  return outcome;
}

/** Whether anything happened. */
function drained({ network: { clock } }: Session): boolean {
  if (clock.idle) return false;
  clock.drain();
  return true;
}
