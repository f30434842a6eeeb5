import type { MsgHdr, SockSettings } from '@stack/sock';
import type { Expression } from '../language/script.ts';
import { ScriptError, Unsupported } from '../language/script-error.ts';
import type { Session } from '../run/session.ts';
import { toleranceFor } from '../time/tolerance.ts';
import { controlOf, type ControlMessage } from './control-values.ts';
import { OPTIONS } from './symbols/options.ts';
import { describe, fieldOf, isNull, numberOf } from './values.ts';

/** Another way to write the parts of a time stamp. */
const ALIASES: Readonly<Record<string, string>> = { tv_sec: 'scm_sec', tv_nsec: 'scm_nsec' };

/** `msg_control=[{cmsg_level=L, cmsg_type=T, cmsg_data=D}, ...]`; null when the script does not care. */
export function parseControl(message: Expression, line: number): ControlMessage[] | null {
  const control = fieldOf(message, 'msg_control', line);
  if (control === null || control.kind === 'any') return null;
  if (isNull(control)) return [];
  if (control.kind !== 'list') throw new ScriptError(line, `a list is needed, not ${describe(control)}`);
  return control.items.map((item) => ({
    level: needed(item, 'cmsg_level', line),
    type: needed(item, 'cmsg_type', line),
    parts: partsOf(fieldOf(item, 'cmsg_data', line), line),
  }));
}

function needed(item: Expression, name: string, line: number): number {
  const value = fieldOf(item, name, line);
  if (value === null) throw new ScriptError(line, `ancillary data need a ${name}`);
  return numberOf(value, line);
}

/** What is `...` is left out. */
function partsOf(data: Expression | null, line: number): Record<string, number> {
  if (data === null || data.kind === 'any') return {};
  if (data.kind === 'list' && data.items.length === 1) return partsOf(data.items[0], line);
  if (data.kind !== 'structure') return { value: numberOf(data, line) };
  const parts: Record<string, number> = {};
  for (const { name, value } of data.fields) {
    if (name === null) throw new ScriptError(line, 'the parts of cmsg_data need names');
    if (value.kind === 'any') continue;
    if (name === 'tv_usec') parts.scm_nsec = numberOf(value, line) * 1000;
    else parts[ALIASES[name] ?? name] = numberOf(value, line);
  }
  return parts;
}

/** Puts what the script sends along into `msg`. */
export function applyControl(control: readonly ControlMessage[], msg: MsgHdr, line: number): void {
  for (const { level, type, parts } of control) {
    const value = parts.value ?? 0;
    if (level === OPTIONS.SOL_SOCKET && type === OPTIONS.SO_TIMESTAMPING) msg.timestamping = value;
    else if (level === OPTIONS.SOL_IP && type === OPTIONS.IP_TTL) msg.ttl = value;
    else if (level === OPTIONS.SOL_IP && type === OPTIONS.IP_TOS) msg.tos = value;
    else if (level === OPTIONS.SOL_IP && type === OPTIONS.IP_PKTINFO) continue;
    else throw new Unsupported(line, `ancillary data of level ${level} and type ${type} cannot be sent`);
  }
}

/** What came along otherwise than the script has it. */
export function controlProblems(
  session: Session,
  wanted: readonly ControlMessage[],
  msg: MsgHdr,
  settings: SockSettings | null,
): string[] {
  const seen = controlOf(session, msg, settings);
  const [expected, actual] = [wanted.map(kindText).join(', '), seen.map(kindText).join(', ')];
  if (expected !== actual) return [`msg_control: expected ${expected || 'nothing'}, saw ${actual || 'nothing'}`];
  return wanted.flatMap(({ parts }, i) => differences(session, parts, seen[i].parts));
}

function kindText({ level, type }: ControlMessage): string {
  return `level ${level} type ${type}`;
}

function differences(session: Session, wanted: ControlMessage['parts'], seen: ControlMessage['parts']): string[] {
  if ('scm_sec' in wanted && 'scm_sec' in seen) return timeProblem(session, wanted, seen);
  return Object.entries(wanted).flatMap(([name, value]) =>
    seen[name] !== undefined && value >>> 0 === seen[name] >>> 0
      ? []
      : [`cmsg_data: expected ${name} ${value}, saw ${seen[name]}`],
  );
}

function timeProblem(session: Session, wanted: ControlMessage['parts'], seen: ControlMessage['parts']): string[] {
  const [expected, actual] = [wanted, seen].map((parts) => parts.scm_sec * 1e6 + (parts.scm_nsec ?? 0) / 1e3);
  const within = Math.abs(expected - actual) <= toleranceFor(session.config, 0);
  return within ? [] : [`time stamp: expected ${expected / 1e6} s, saw ${actual / 1e6} s`];
}
