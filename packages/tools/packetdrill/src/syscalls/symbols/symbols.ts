import * as plugin from '@stack/plugin';
import { BPF } from './bpf.ts';
import { FILES } from './files.ts';
import { OPTIONS } from './options.ts';
import { SOCKETS } from './sockets.ts';
import { CONSTANTS } from '../../python/constants.ts';

/** The numbers behind the names that scripts use. */
export const SYMBOLS: ReadonlyMap<string, number> = new Map([
  ...Object.entries({ ...BPF, ...CONSTANTS, ...SOCKETS, ...OPTIONS, ...FILES }),
  ...Object.entries<unknown>(plugin).filter(isErrno),
]);

function isErrno(entry: [string, unknown]): entry is [string, number] {
  return entry[0].startsWith('E') && typeof entry[1] === 'number';
}
