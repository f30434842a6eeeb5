import { parseCall } from './call.ts';
import { parsePacket } from './packet.ts';
import { Scanner } from './scanner.ts';
import type { Action, Command, Script, ScriptEvent, ScriptOption } from './script.ts';
import { ScriptError } from './script-error.ts';
import { isTime, parseEndTime, parseTime } from './time.ts';

/** Takes a script apart. Throws a {@link ScriptError} with the line at the first thing that is not one. */
export function parseScript(source: string, defines: ReadonlyMap<string, string> = new Map()): Script {
  const scanner = new Scanner(source, defines);
  const options = parseOptions(scanner);
  const init = scanner.next.kind === 'command' ? parseCommand(scanner) : null;
  const events: ScriptEvent[] = [];
  while (isTime(scanner)) events.push(parseEvent(scanner));
  const cleanup = scanner.next.kind === 'command' ? parseCommand(scanner) : null;
  if (scanner.next.kind !== 'end') throw scanner.unexpected('the time of an event');
  if (events.length === 0) throw new ScriptError(scanner.line, 'the script has no events');
  return { options, init, events, cleanup };
}

/** `--name=value` at the top. */
function parseOptions(scanner: Scanner): ScriptOption[] {
  const options: ScriptOption[] = [];
  for (;;) {
    const { line } = scanner;
    const text = scanner.takeRaw(/--[a-z][a-z0-9_]*(?:=(?:"[^"\n]*"|\S+))?/);
    if (text === null) return options;
    const equals = text.indexOf('=');
    const name = text.slice(2, equals < 0 ? undefined : equals);
    if (name === 'define') {
      const [word, value = ''] = text
        .slice(equals + 1)
        .replaceAll('"', '')
        .split(/=(.*)/s);
      scanner.define(word, value);
      continue;
    }
    options.push({ line, name, value: equals < 0 ? null : text.slice(equals + 1).replaceAll('"', '') });
  }
}

function parseCommand(scanner: Scanner): Command {
  const { line } = scanner;
  return { kind: 'command', line, text: scanner.take().text };
}

function parseEvent(scanner: Scanner): ScriptEvent {
  const { line } = scanner;
  const { start } = scanner.next;
  const time = parseTime(scanner);
  const end = parseEndTime(scanner);
  const action = parseAction(scanner, end);
  const outbound = action.kind === 'packet' && !action.inbound;
  if (end !== null && action.kind !== 'call')
    throw new ScriptError(line, 'only a system call takes time: ... is not for this');
  if (!outbound && time.base === 'any') throw new ScriptError(line, '* is for packets that go out');
  if (!outbound && time.to !== null) throw new ScriptError(line, 'a range of times is for packets that go out');
  const [text] = scanner.source.slice(start, scanner.next.start).split(/\s*\n/);
  return { line, text: text.trim(), time, action };
}

function parseAction(scanner: Scanner, end: number | null): Action {
  if (scanner.is('<') || scanner.is('>')) return parsePacket(scanner);
  const { line } = scanner;
  switch (scanner.next.kind) {
    case 'command':
      return parseCommand(scanner);
    case 'code':
      return { kind: 'code', line, text: scanner.take().text };
    case 'word':
      return parseCall(scanner, end);
    default:
      throw scanner.unexpected('a packet, a system call, a command or code');
  }
}
