import { errnoName } from '@stack/plugin';

/** An error as Node's own sockets raise it. */
export interface ErrnoError extends Error {
  /** `ECONNREFUSED` */
  code: string;
  /** Negative. */
  errno: number;
  /** `connect` */
  syscall: string;
  address?: string;
  port?: number;
}

/**
 * The error of a call that answered `errno` (either sign), with Node's message:
 * `connect ECONNREFUSED 10.0.0.1:80`.
 */
export function errnoError(errno: number, syscall: string, address?: string, port?: number): ErrnoError {
  const code = errnoName(errno);
  const place = address === undefined ? '' : port === undefined ? ` ${address}` : ` ${address}:${port}`;
  const error = new Error(`${syscall} ${code}${place}`) as ErrnoError;
  error.errno = -Math.abs(errno);
  error.code = code;
  error.syscall = syscall;
  if (address !== undefined) error.address = address;
  if (port !== undefined) error.port = port;
  return error;
}
