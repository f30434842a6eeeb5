/** A script with one thing wrong in one line. */
export interface Mutation {
  /** What was changed: the line's number and its new text. */
  readonly name: string;
  readonly text: string;
}

type Change = (line: string) => string | null;

const OUTBOUND = /^([+*~.\d]+)\s+>\s/;

/** Changes of a line with a packet that goes out, each of which must make the script fail; null where it has no place. */
const CHANGES: readonly Change[] = [changeFlag, changeLength, changeAck, changeWindow, changeOptions, changeTime];

/** Every change of every line. */
export function mutationsOf(script: string): Mutation[] {
  const lines = script.split('\n');
  return lines.flatMap((line, i) => {
    if (!OUTBOUND.test(line)) return [];
    return CHANGES.map((change) => change(line))
      .filter((changed) => changed !== null && changed !== line)
      .map((changed) => ({ name: `${i + 1}: ${changed}`, text: lines.with(i, changed!).join('\n') }));
  });
}

/** PSH more, or less. */
function changeFlag(line: string): string | null {
  const match = /([A-Z.]+)(\s+\d+:\d+\(\d+\))/.exec(line);
  if (match === null) return null;
  const [all, flags, numbers] = match;
  const changed = flags.includes('P') ? flags.replace('P', '') : `P${flags}`;
  return line.replace(all, changed + numbers);
}

/** One byte more. */
function changeLength(line: string): string | null {
  if (line.includes('udp')) return line.replace(/\((\d+)\)/, (_, length) => `(${Number(length) + 1})`);
  return line.replace(/(\d+):(\d+)\((\d+)\)/, (_, from, to, n) => `${from}:${Number(to) + 1}(${Number(n) + 1})`);
}

function changeAck(line: string): string | null {
  return line.replace(/ack (\d+)/, (_, ack) => `ack ${Number(ack) + 1}`);
}

function changeWindow(line: string): string | null {
  return line.replace(/win (\d+)/, (_, window) => `win ${Number(window) + 1}`);
}

/** Four bytes of nothing at the end. */
function changeOptions(line: string): string | null {
  if (!/\d+:\d+\(/.test(line)) return null;
  const padding = 'nop,nop,nop,nop';
  return line.includes('<') ? line.replace(/>$/, `,${padding}>`) : `${line} <${padding}>`;
}

/** Later than any tolerance allows. */
function changeTime(line: string): string | null {
  const [time] = line.split(' ');
  if (!/^\+[\d.]+$/.test(time)) return null;
  return line.replace(time, `+${2 * Number(time) + 1}`);
}
