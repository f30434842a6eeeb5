import type { Expression } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import type { Arguments } from './arguments.ts';
import { OPTIONS } from './symbols/options.ts';
import { describe, fieldOf, numberField, numberOf } from './values.ts';

/**
 * The program of a call with SO_ATTACH_FILTER: `{len=1, filter=[{code=6, jt=0, jf=0, k=0}]}`, or with BPF_STMT(code, k)
 * and BPF_JUMP(code, k, jt, jf). Null for other calls.
 */
export function filterProgram(args: Arguments): Uint8Array | null {
  if (args.number(1) !== OPTIONS.SOL_SOCKET || args.number(2) !== OPTIONS.SO_ATTACH_FILTER) return null;
  const value = args.item(3);
  if (value.kind !== 'structure') return null;
  const { line } = args;
  const filter = fieldOf(value, 'filter', line);
  if (filter?.kind !== 'list') throw new ScriptError(line, 'a filter is {len=1, filter=[...]}');
  const count = numberField(value, 'len', line, filter.items.length);
  return Uint8Array.from(filter.items.slice(0, count).flatMap((item) => instruction(item, line)));
}

/** Eight bytes: code, jt, jf, k. */
function instruction(item: Expression, line: number): number[] {
  const [code, k, jt, jf] = parts(item, line);
  return [code & 0xff, code >>> 8, jt, jf, k & 0xff, (k >>> 8) & 0xff, (k >>> 16) & 0xff, k >>> 24];
}

function parts(item: Expression, line: number): number[] {
  if (item.kind === 'structure') return ['code', 'k', 'jt', 'jf'].map((name) => numberField(item, name, line, 0));
  if (item.kind !== 'apply' || !['BPF_STMT', 'BPF_JUMP'].includes(item.name))
    throw new ScriptError(line, `an instruction is needed, not ${describe(item)}`);
  const [code, k = 0, jt = 0, jf = 0] = item.args.map((each) => numberOf(each, line));
  return [code, k, jt, jf];
}
