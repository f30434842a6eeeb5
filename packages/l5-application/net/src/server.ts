import { EventEmitter } from 'node:events';
import { formatIpv4 } from '@stack/ipv4';
import { EAGAIN } from '@stack/plugin';
import { SOCK_STREAM } from '@stack/sock';
import { errnoError, SO_REUSEADDR, SOL_SOCKET, type SocketFile } from '@stack/socket';
import { checkPort, listenArguments, type ListenOptions } from './arguments.ts';
import type { NetContext } from './context.ts';
import { notFound } from './lookup.ts';
import { Socket, type SocketOptions } from './socket.ts';

const DEFAULT_BACKLOG = 511;
/** Connections taken at one wake-up, so that a flood of them does not starve those that stand. */
const MOST_ACCEPTS = 64;

/** Listens for TCP connections, shaped like `net.Server`. */
export class Server extends EventEmitter {
  /** Connections beyond this many are closed at once, with a 'drop' event. */
  maxConnections: number | undefined = undefined;
  readonly #context: NetContext;
  readonly #options: SocketOptions;
  #file: SocketFile | null = null;
  #connections = 0;
  #closing = false;
  #referenced = true;

  constructor(context: NetContext, options: SocketOptions = {}, onConnection?: (socket: Socket) => void) {
    super();
    this.#context = context;
    this.#options = options;
    if (onConnection) this.on('connection', onConnection);
  }

  get listening(): boolean {
    return this.#file !== null;
  }

  listen(...args: unknown[]): this {
    const { options, callback } = listenArguments(args);
    checkPort(options.port ?? 0);
    if (this.#file !== null) {
      throw Object.assign(new Error('Listen method has been called more than once without closing.'), {
        code: 'ERR_SERVER_ALREADY_LISTEN',
      });
    }
    if (callback) this.once('listening', callback);
    const error = this.#bind(options);
    // Like Node, tell of success and failure only after the caller had the chance to listen for it.
    process.nextTick(() => {
      if (error !== null) this.emit('error', error);
      else if (this.#file !== null) this.emit('listening');
    });
    return this;
  }

  /** Takes no more connections; 'close' comes when those that stand have ended. */
  close(callback?: (error?: Error) => void): this {
    const file = this.#file;
    if (callback) {
      if (file !== null) this.once('close', callback);
      else this.once('close', () => callback(notRunning()));
    }
    if (file !== null) {
      this.#file = null;
      file.listener = null;
      file.close();
      if (this.#referenced) this.#context.liveness.unref();
    }
    this.#closing = true;
    this.#emitCloseIfDone();
    return this;
  }

  address(): { address: string; port: number; family: string } | null {
    if (this.#file === null) return null;
    return { address: formatIpv4(this.#file.localAddress), port: this.#file.localPort, family: 'IPv4' };
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this.#connections);
    return this;
  }

  ref(): this {
    if (!this.#referenced && this.#file !== null) this.#context.liveness.ref();
    this.#referenced = true;
    return this;
  }

  unref(): this {
    if (this.#referenced && this.#file !== null) this.#context.liveness.unref();
    this.#referenced = false;
    return this;
  }

  /** @internal Connections wait to be accepted. */
  onReady(): void {
    for (let i = 0; i < MOST_ACCEPTS; i++) {
      const file = this.#file?.accept();
      if (file === undefined || typeof file === 'number') {
        if (file !== undefined && file !== -EAGAIN) this.emit('error', errnoError(file, 'accept'));
        return;
      }
      this.#accepted(file);
    }
    this.#file?.listenAgain();
  }

  #accepted(file: SocketFile): void {
    if (this.maxConnections !== undefined && this.#connections >= this.maxConnections) {
      const peer = { remoteAddress: formatIpv4(file.peerAddress), remotePort: file.peerPort, remoteFamily: 'IPv4' };
      file.close();
      this.emit('drop', {
        localAddress: this.address()?.address,
        localPort: this.address()?.port,
        localFamily: 'IPv4',
        ...peer,
      });
      return;
    }
    this.#connections++;
    const socket = new Socket(this.#context, this.#options, file);
    socket.acceptor = this;
    this.emit('connection', socket);
    socket.read(0);
  }

  /** @internal A connection of ours has closed. */
  connectionClosed(): void {
    this.#connections--;
    this.#emitCloseIfDone();
  }

  #bind(options: ListenOptions): Error | null {
    const host = options.host ?? '0.0.0.0';
    const port = options.port ?? 0;
    const address = host === '::' ? 0 : this.#context.resolve(host);
    if (address === null) return notFound(host);
    const file = this.#context.sockets.create(SOCK_STREAM);
    file.setOption(SOL_SOCKET, SO_REUSEADDR, 1);
    let result = file.bind(address, port);
    if (result === 0) result = file.listen(options.backlog ?? DEFAULT_BACKLOG);
    if (result < 0) {
      file.close();
      return errnoError(result, 'listen', formatIpv4(address), port);
    }
    this.#file = file;
    this.#closing = false;
    file.listener = this;
    if (this.#referenced) this.#context.liveness.ref();
    return null;
  }

  #emitCloseIfDone(): void {
    if (!this.#closing || this.#connections > 0) return;
    this.#closing = false;
    process.nextTick(() => this.emit('close'));
  }
}

function notRunning(): Error {
  return Object.assign(new Error('Server is not running.'), { code: 'ERR_SERVER_NOT_RUNNING' });
}
