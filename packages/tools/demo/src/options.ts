import { parseArgs } from 'node:util';

/** What `npm start -- ...` understands. */
export interface Options {
  /** Bytes of the large response; the one over the bad cable has a sixteenth of them. */
  bytes: number;
  /** One JSON object instead of text. */
  json: boolean;
  /** Where the capture of the lossy run goes. */
  capture: string;
  /** Of everything random in virtual time. */
  seed: number;
}

export const USAGE = `npm start -- [--bytes N] [--seed N] [--capture FILE] [--json]

  --bytes N       size of the large HTTP response (268435456); over the bad cable a sixteenth of it
  --seed N        seed of the run in virtual time (7)
  --capture FILE  where the capture goes (stack.pcapng)
  --json          one JSON object instead of text`;

/** Throws for anything else. */
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
    bytes: count('bytes', values.bytes, 1),
    seed: count('seed', values.seed, 0),
    json: values.json,
    capture: values.capture,
  };
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new TypeError(`--${name} takes a whole number from ${least} on, not '${text}'`);
}
