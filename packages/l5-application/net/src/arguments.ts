/** What `connect` understands, as in node:net. */
export interface ConnectOptions {
  port: number;
  /** A name the host knows or an IPv4 address; 127.0.0.1 unless given. */
  host?: string;
  localAddress?: string;
  localPort?: number;
  noDelay?: boolean;
  keepAlive?: boolean;
  /** Milliseconds. */
  keepAliveInitialDelay?: number;
  timeout?: number;
}

export interface ListenOptions {
  port?: number;
  host?: string;
  backlog?: number;
}

export type Callback = () => void;

/** Sorts out `connect(port, host?, callback?)` and `connect(options, callback?)`. */
export function connectArguments(args: unknown[]): { options: ConnectOptions; callback: Callback | undefined } {
  const callback = callbackOf(args);
  const [first, second] = args;
  if (typeof first === 'object' && first !== null) return { options: checked(first as ConnectOptions), callback };
  const options: ConnectOptions = { port: Number(first) };
  if (typeof second === 'string') options.host = second;
  return { options: checked(options), callback };
}

/** Sorts out `listen(port?, host?, backlog?, callback?)` and `listen(options, callback?)`. */
export function listenArguments(args: unknown[]): { options: ListenOptions; callback: Callback | undefined } {
  const callback = callbackOf(args);
  const [first, ...rest] = args;
  if (typeof first === 'object' && first !== null) return { options: first as ListenOptions, callback };
  const options: ListenOptions = { port: first === undefined || first === null ? 0 : Number(first) };
  for (const arg of rest) {
    if (typeof arg === 'string') options.host = arg;
    if (typeof arg === 'number') options.backlog = arg;
  }
  return { options, callback };
}

/** Throws Node's own error for a port that is none. */
export function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= 0xffff) return;
  const message = `options.port should be >= 0 and < 65536. Received ${port}.`;
  throw Object.assign(new RangeError(message), { code: 'ERR_SOCKET_BAD_PORT' });
}

function checked(options: ConnectOptions): ConnectOptions {
  const port = Number(options.port);
  checkPort(port);
  return { ...options, port };
}

function callbackOf(args: unknown[]): Callback | undefined {
  const last = args.at(-1);
  return typeof last === 'function' ? (last as Callback) : undefined;
}
