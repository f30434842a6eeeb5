import { FILES } from './files.ts';
import { OPTIONS } from './options.ts';
import { SOCKETS } from './sockets.ts';

/** The numbers behind the names that scripts use. */
export const SYMBOLS: ReadonlyMap<string, number> = new Map(Object.entries({ ...SOCKETS, ...OPTIONS, ...FILES }));
