import { Duplex } from 'node:stream';
import { formatIpv4 } from '@stack/ipv4';
import { EAGAIN, EINPROGRESS } from '@stack/plugin';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP, SOCK_STREAM } from '@stack/sock';
import { errnoError, type SocketFile } from '@stack/socket';
import { type Callback, connectArguments, type ConnectOptions } from './arguments.ts';
import type { NetContext } from './context.ts';
import { Early, type PeerName } from './early.ts';
import { Idle } from './idle.ts';
import { notFound } from './lookup.ts';
import { setKeepAlive, setNoDelay, takeError } from './options.ts';
import { receive } from './receive.ts';
import { Outgoing } from './send.ts';

const READ_EVENTS = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
const CONNECT_EVENTS = EPOLLOUT | EPOLLERR | EPOLLHUP;

export interface SocketOptions {
  allowHalfOpen?: boolean;
}

/**
 * A TCP connection, shaped like `net.Socket`: the same events in the same order, the same errors, so that Node's own
 * programs (its http for one) run over it unchanged.
 */
export class Socket extends Duplex {
  bytesRead = 0;
  /** @internal The server that accepted it, which counts its connections. */
  acceptor: { connectionClosed(): void } | null = null;
  /** @internal */
  readonly context: NetContext;
  /** @internal The stack's socket; null before connect and after destroy. */
  file: SocketFile | null;
  /** @internal Whether the reader wants more: set by _read, cleared when its buffer is full. */
  wanted = false;
  #outgoing: Outgoing | null = null;
  #written = 0;
  #idle: Idle | null = null;
  #referenced = true;
  /** Null once the connection stands, so that the thousands that do are small. */
  #early: Early | null;

  /** `file` is a connection that was accepted; without it, {@link connect} makes one. */
  constructor(context: NetContext, options: SocketOptions = {}, file: SocketFile | null = null) {
    super({ allowHalfOpen: options.allowHalfOpen ?? false, decodeStrings: true, emitClose: false, autoDestroy: true });
    this.context = context;
    this.file = file;
    this.#early = file === null ? new Early() : null;
    if (file !== null) this.#opened(file);
  }

  connect(...args: unknown[]): this {
    const { options, callback } = connectArguments(args);
    if (callback) this.once('connect', callback);
    this.#early ??= new Early();
    this.#early.connecting = true;
    const host = options.host ?? '127.0.0.1';
    const address = this.context.resolve(host);
    if (address === null) process.nextTick(() => this.destroy(notFound(host)));
    else this.#open(options, host, address);
    return this;
  }

  /** @internal Readiness of the stack's socket, in process context. */
  onReady(events: number): void {
    if (this.connecting) {
      if ((events & CONNECT_EVENTS) === 0) return;
      this.#connected();
    }
    if ((events & EPOLLOUT) !== 0) this.#flush();
    if ((events & READ_EVENTS) !== 0 && this.wanted) receive(this, events);
    if ((events & (EPOLLERR | EPOLLHUP)) !== 0 && !this.wanted) this.#failed();
  }

  override _read(): void {
    if (this.connecting || this.file === null) {
      this.wanted = true;
      return;
    }
    if (this.wanted) return;
    this.wanted = true;
    receive(this, this.file.poll());
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.file === null || this.connecting) return this.#send(new Outgoing([chunk], done));
    this.touch();
    const sent = this.file.send(chunk);
    if (sent < 0 && sent !== -EAGAIN) return done(errnoError(sent, 'write'));
    if (sent > 0) this.#written += sent;
    if (sent === chunk.length) done();
    else this.#send(new Outgoing([sent > 0 ? chunk.subarray(sent) : chunk], done));
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#send(
      new Outgoing(
        chunks.map(({ chunk }) => chunk),
        done,
      ),
    );
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#early?.connecting) {
      this.#early.final = done;
      return;
    }
    this.file?.shutdown(SHUT_WR);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#idle?.cancel();
    const { file } = this;
    const early = new Early();
    early.peer = this.#peerName();
    this.#early = early;
    if (file !== null) {
      this.file = null;
      file.listener = null;
      file.close();
      if (this.#referenced) this.context.liveness.unref();
    }
    const waiting = this.#outgoing;
    this.#outgoing = null;
    this.#written += waiting?.left ?? 0; // as Node counts: what was given, not what left
    waiting?.done(error ?? new Error('the socket was closed'));
    done(error);
    this.acceptor?.connectionClosed();
    process.nextTick(() => this.emit('close', error !== null));
  }

  /** Emits 'timeout' after `ms` milliseconds of the host's clock without traffic; 0 turns it off. */
  setTimeout(ms: number, callback?: Callback): this {
    this.#idle?.cancel();
    this.#idle = null;
    if (ms === 0) {
      if (callback) this.removeListener('timeout', callback);
      return this;
    }
    if (callback) this.once('timeout', callback);
    this.#idle = new Idle(this.context.clock, ms, () => this.emit('timeout'));
    this.touch();
    return this;
  }

  /** @internal Traffic: the idle time begins anew. */
  touch(): void {
    if (this.file !== null) this.#idle?.begin();
  }

  setNoDelay(on = true): this {
    if (this.file !== null) setNoDelay(this.file, on);
    else if (this.#early !== null) this.#early.noDelay = on;
    return this;
  }

  setKeepAlive(on = false, initialDelay = 0): this {
    if (this.file !== null) setKeepAlive(this.file, on, initialDelay);
    return this;
  }

  /** Closes at once with RST instead of FIN. */
  resetAndDestroy(): this {
    this.file?.reset();
    return this.destroy();
  }

  /** Ends, and destroys once everything is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  ref(): this {
    if (!this.#referenced && this.file !== null) this.context.liveness.ref();
    this.#referenced = true;
    return this;
  }

  unref(): this {
    if (this.#referenced && this.file !== null) this.context.liveness.unref();
    this.#referenced = false;
    return this;
  }

  get connecting(): boolean {
    return this.#early?.connecting ?? false;
  }

  /** Milliseconds of {@link setTimeout}; undefined when there is none. */
  get timeout(): number | undefined {
    return this.#idle?.ms;
  }

  get pending(): boolean {
    return this.file === null || this.connecting;
  }

  get bytesWritten(): number {
    return this.#written + (this.#outgoing?.left ?? 0) + this.writableLength;
  }

  get readyState(): string {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  get localAddress(): string | undefined {
    return this.file === null ? undefined : formatIpv4(this.file.localAddress);
  }

  get localPort(): number | undefined {
    return this.file?.localPort;
  }

  get localFamily(): string | undefined {
    return this.file === null ? undefined : 'IPv4';
  }

  get remoteAddress(): string | undefined {
    return this.#peerName()?.address;
  }

  get remotePort(): number | undefined {
    return this.#peerName()?.port;
  }

  get remoteFamily(): string | undefined {
    return this.#peerName() === null ? undefined : 'IPv4';
  }

  address(): { address?: string; port?: number; family?: string } {
    if (this.file === null) return {};
    return { address: this.localAddress!, port: this.localPort!, family: 'IPv4' };
  }

  #peerName(): PeerName | null {
    if (this.#early !== null || this.file === null) return this.#early?.peer ?? null;
    return { address: formatIpv4(this.file.peerAddress), port: this.file.peerPort };
  }

  #open(options: ConnectOptions, host: string, address: number): void {
    const file = this.context.sockets.create(SOCK_STREAM);
    this.file = file;
    this.#opened(file);
    const early = this.#early!;
    if (early.noDelay || options.noDelay) setNoDelay(file, true);
    if (options.keepAlive) setKeepAlive(file, true, options.keepAliveInitialDelay ?? 0);
    if (options.timeout) this.setTimeout(options.timeout);
    early.peer = { address: formatIpv4(address), port: options.port };
    if (!this.#bind(file, options)) return;
    const result = file.connect(address, options.port);
    process.nextTick(() => this.emit('lookup', null, formatIpv4(address), 4, host));
    if (result < 0 && result !== -EINPROGRESS)
      this.#failSoon(errnoError(result, 'connect', formatIpv4(address), options.port));
  }

  /** Binds to the local end that the options ask for, if they do. */
  #bind(file: SocketFile, options: ConnectOptions): boolean {
    if (options.localAddress === undefined && options.localPort === undefined) return true;
    const address = options.localAddress === undefined ? 0 : this.context.resolve(options.localAddress);
    if (address === null) this.#failSoon(notFound(options.localAddress!));
    const result = address === null ? -1 : file.bind(address, options.localPort ?? 0);
    if (result < 0 && address !== null)
      this.#failSoon(errnoError(result, 'bind', options.localAddress, options.localPort));
    return result >= 0;
  }

  #opened(file: SocketFile): void {
    file.listener = this;
    if (this.#referenced) this.context.liveness.ref();
  }

  #failSoon(error: Error): void {
    process.nextTick(() => this.destroy(error));
  }

  #connected(): void {
    const error = takeError(this.file!);
    if (error < 0) {
      const { address, port } = this.#early!.peer!;
      this.destroy(errnoError(error, 'connect', address, port));
      return;
    }
    const { final } = this.#early!;
    this.#early = null;
    this.touch();
    this.emit('connect');
    this.emit('ready');
    if (this.file === null) return;
    this.#flush();
    if (final !== null) this.#finish(final);
    if (this.wanted) receive(this, this.file.poll());
    else this.read(0);
  }

  /** `end()` was called before the connection stood. */
  #finish(done: (error?: Error | null) => void): void {
    this.file?.shutdown(SHUT_WR);
    done();
  }

  #send(outgoing: Outgoing): void {
    this.#outgoing = outgoing;
    if (!this.connecting) this.#flush();
  }

  #flush(): void {
    const outgoing = this.#outgoing;
    if (outgoing === null || this.file === null) return;
    this.touch();
    const before = outgoing.left;
    const result = outgoing.send(this.file);
    this.#written += before - outgoing.left;
    if (result === -EAGAIN) return;
    this.#outgoing = null;
    outgoing.done(result < 0 ? errnoError(result, 'write') : null);
  }

  /** An error came while nobody reads: it is not to wait until somebody does. */
  #failed(): void {
    const error = this.file === null ? 0 : takeError(this.file);
    if (error < 0) this.destroy(errnoError(error, 'read'));
  }
}

const SHUT_WR = 1;
