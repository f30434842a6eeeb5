import { parseArgs } from 'node:util';

/** What `npm start -- ...` understands. */
export interface Options {
  /** Bytes of the large response. */
  bytes: number;
  /** One JSON object instead of text. */
  json: boolean;
  /** Where the capture of the lossy run goes. */
  capture: string;
  seed: number;
}

export const USAGE = `npm start -- [--bytes N] [--seed N] [--capture FILE] [--json]

  --bytes N       size of the large HTTP response (268435456)
  --seed N        seed of the run in virtual time (7)
  --capture FILE  where the capture goes (stack.pcapng)
  --json          one JSON object instead of text`;

/** Throws with the usage for anything else. */
export function options(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      bytes: { type: 'string', default: '268435456' },
      seed: { type: 'string', default: '7' },
      capture: { type: 'string', default: 'stack.pcapng' },
      json: { type: 'boolean', default: false },
    },
  });
  return {
    bytes: count('bytes', values.bytes),
    seed: count('seed', values.seed),
    json: values.json,
    capture: values.capture,
  };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new TypeError(`--${name} takes a whole number, not ${text}`);
}
