import { EPOLLIN, MsgHdr } from '@stack/sock';
import type { Expression } from '../language/script.ts';
import { Unsupported } from '../language/script-error.ts';
import { addressOf, type Arguments, type SocketAddress } from './arguments.ts';
import { scratch, send, vectorLength } from './bytes.ts';
import type { Outcome } from './outcome.ts';
import { socketsOf } from './sockets.ts';
import { fieldOf, isNull, numberField } from './values.ts';
import { untilDone } from './waiting.ts';

/** `sendmsg(fd, {msg_name(...)=..., msg_iov(1)=[{..., 1000}], msg_flags=0}, flags)`. */
export function sendMessage(args: Arguments): number | Promise<number> {
  const { line } = args;
  const message = args.at(1);
  refuseControl(fieldOf(message, 'msg_control', line), line);
  return send(args, args.fd(0), payloadLength(message, line), args.number(2), peer(args, message));
}

/** What is filled in (`msg_flags`, `msg_name`) must be as the script has it. */
export async function receiveMessage(args: Arguments): Promise<Outcome> {
  const { line, session } = args;
  const message = args.at(1);
  refuseControl(fieldOf(message, 'msg_control', line), line);
  const fd = args.fd(0);
  const flags = args.number(2);
  const [into, msg] = [scratch(payloadLength(message, line)), new MsgHdr()];
  const result = await untilDone(session, { fd, events: EPOLLIN }, flags, () =>
    socketsOf(args).recvmsg(fd, into, flags, msg),
  );
  return { result, problems: result < 0 ? [] : differences(message, msg, line) };
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

function payloadLength(message: Expression, line: number): number {
  const vector = fieldOf(message, 'msg_iov', line);
  return vector === null ? 0 : vectorLength(vector, line);
}

/** Null for the connected peer. */
function peer({ line, session }: Arguments, message: Expression): SocketAddress | null {
  const name = fieldOf(message, 'msg_name', line);
  if (name === null || name.kind === 'any' || isNull(name)) return null;
  return name.kind === 'structure'
    ? addressOf(name, line)
    : { family: 2, address: session.config.remoteIp, port: session.config.connectPort };
}

function refuseControl(control: Expression | null, line: number): void {
  if (control === null || control.kind === 'any' || isNull(control)) return;
  if (control.kind === 'list' && control.items.length === 0) return;
  throw new Unsupported(line, 'ancillary data (msg_control) are not supported');
}
