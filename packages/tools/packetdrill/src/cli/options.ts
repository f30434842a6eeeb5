import { parseArgs } from 'node:util';
import { OPTION_NAMES } from '../network/config.ts';
import type { RunOptions } from '../run/run-script.ts';

/** What the command line asks for. */
export interface CommandLine {
  readonly files: readonly string[];
  readonly run: RunOptions;
  readonly quiet: boolean;
}

export const USAGE = `packetdrill [options] FILE.pkt ...

  -D NAME=VALUE     put VALUE in place of the word NAME; may be repeated
  --checking        find misuse and leaks of packet memory (slow)
  --quiet           say nothing of scripts that pass
  --OPTION[=VALUE]  as at the top of a script, and stronger: ${OPTION_NAMES.filter((name) => name !== 'quiet').join(', ')}`;

const OWN = {
  define: { type: 'string', short: 'D', multiple: true },
  checking: { type: 'boolean' },
  quiet: { type: 'boolean' },
} as const;

/** Options of scripts that are switches. */
const SWITCHES = ['tcp_ts_ecr_scaled', 'strict_segments', 'send_omit_free', 'verbose'];

/** Throws for what is no option. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const names = OPTION_NAMES.filter((name) => !Object.hasOwn(OWN, name));
  const scriptOptions = Object.fromEntries(
    names.map((name) => [name, { type: SWITCHES.includes(name) ? 'boolean' : 'string' } as const]),
  );
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...scriptOptions, ...OWN },
    allowPositionals: true,
  });
  if (positionals.length === 0) throw new TypeError('no scripts are given');
  const given: Record<string, unknown> = values;
  const options = Object.fromEntries(
    names.filter((name) => given[name] !== undefined).map((name) => [name, valueOf(given[name])]),
  );
  const defines = Object.fromEntries((values.define ?? []).map(parseDefine));
  return {
    files: positionals,
    run: { options, defines, checking: values.checking ?? false },
    quiet: values.quiet ?? false,
  };
}

function valueOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parseDefine(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new TypeError(`-D takes NAME=VALUE, not '${text}'`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
