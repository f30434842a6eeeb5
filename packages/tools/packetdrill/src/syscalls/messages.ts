import { EPOLLIN, MSG_DONTWAIT, MsgHdr } from '@stack/sock';
import { untilDone } from '@stack/socket';
import type { Expression } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import { addressOf, type Arguments, type SocketAddress } from './arguments.ts';
import { scratch, send, sum, vectorLengths } from './bytes.ts';
import { applyControl, controlProblems, parseControl } from './control-messages.ts';
import type { Outcome } from './outcome.ts';
import { socketsOf } from './sockets.ts';
import { describe, fieldOf, isNull, numberField } from './values.ts';

/** `sendmsg(fd, {msg_name(...)=..., msg_iov(1)=[{..., 1000}], msg_flags=0}, flags)`. */
export function sendMessage(args: Arguments): number | Promise<number> {
  return sendOne(args, args.at(1), args.number(2));
}

/** `sendmmsg(fd, [{msg_hdr={...}, msg_len=100}, ...], count, flags)`: how many went, an error only of the first. */
export async function sendMessages(args: Arguments): Promise<Outcome> {
  return eachMessage(args, async (message) => ({ result: await sendOne(args, message, args.number(3)) }));
}

function sendOne(args: Arguments, message: Expression, flags: number): Promise<number> {
  const { line } = args;
  const msg = new MsgHdr();
  applyControl(parseControl(message, line) ?? [], msg, line);
  return send(args, args.fd(0), payload(message, line), flags, peer(args, message), msg);
}

async function eachMessage(
  args: Arguments,
  call: (message: Expression, i: number) => Promise<Outcome>,
): Promise<Outcome> {
  const list = args.at(1);
  if (list.kind !== 'list') throw new ScriptError(args.line, `a list of messages is needed, not ${describe(list)}`);
  const problems: string[] = [];
  const messages = list.items.slice(0, args.number(2));
  for (const [i, entry] of messages.entries()) {
    const outcome = await call(fieldOf(entry, 'msg_hdr', args.line) ?? entry, i);
    if (outcome.result < 0) return { result: i > 0 ? i : outcome.result, problems };
    const length = numberField(entry, 'msg_len', args.line, outcome.result);
    if (length !== outcome.result) problems.push(`msg_len: expected ${length}, saw ${outcome.result}`);
    problems.push(...(outcome.problems ?? []));
  }
  return { result: messages.length, problems };
}

/** What is filled in (`msg_flags`, `msg_name`, `msg_control`) must be as the script has it. */
export function receiveMessage(args: Arguments): Promise<Outcome> {
  return receiveOne(args, args.at(1), args.number(2));
}

const MSG_WAITFORONE = 0x10000;

/** `recvmmsg(fd, [{msg_hdr={...}, msg_len=100}, ...], count, flags, timeout)`. */
export async function receiveMessages(args: Arguments): Promise<Outcome> {
  const flags = args.number(3);
  return eachMessage(args, (message, i) =>
    receiveOne(args, message, (flags & MSG_WAITFORONE) !== 0 && i > 0 ? flags | MSG_DONTWAIT : flags),
  );
}

async function receiveOne(args: Arguments, message: Expression, flags: number): Promise<Outcome> {
  const { line, session } = args;
  const control = parseControl(message, line);
  const fd = args.fd(0);
  const [into, msg] = [scratch(sum(payload(message, line))), new MsgHdr()];
  const result = await untilDone(socketsOf(args).fileOf(fd), EPOLLIN, flags, () =>
    socketsOf(args).recvmsg(fd, into, flags, msg),
  );
  if (result < 0) return { result };
  const file = socketsOf(args).fileOf(fd);
  const settings = typeof file === 'number' ? null : (file.sk?.settings ?? null);
  const problems = control === null ? [] : controlProblems(session, control, msg, settings);
  return { result, problems: [...differences(message, msg, line), ...problems] };
}

function differences(message: Expression, msg: MsgHdr, line: number): string[] {
  const problems: string[] = [];
  const flags = numberField(message, 'msg_flags', line, msg.flags);
  if (flags !== msg.flags) problems.push(`msg_flags: expected ${flags}, saw ${msg.flags}`);
  const name = fieldOf(message, 'msg_name', line);
  if (name?.kind === 'structure') {
    const wanted = addressOf(name, line);
    if (wanted.address !== msg.address || wanted.port !== msg.port) {
      problems.push(`the sender is ${msg.address >>> 0} port ${msg.port}`);
    }
  }
  return problems;
}

function payload(message: Expression, line: number): number[] {
  const vector = fieldOf(message, 'msg_iov', line);
  return vector === null || isNull(vector) ? [] : vectorLengths(vector, line);
}

/** Null for the connected peer. */
function peer(args: Arguments, message: Expression): SocketAddress | null {
  const { line, session } = args;
  const name = fieldOf(message, 'msg_name', line);
  if (name === null || isNull(name)) return null;
  if (name.kind === 'structure') return addressOf(name, line);
  const file = socketsOf(args).fileOf(args.fd(0));
  if (typeof file !== 'number' && file.peerPort !== 0) return null;
  return { family: 2, address: session.config.remoteIp, port: session.config.connectPort };
}
