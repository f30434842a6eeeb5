import { Buffer } from 'node:buffer';
import { EventEmitter } from 'node:events';
import { formatIpv4 } from '@stack/ipv4';
import { EAGAIN } from '@stack/plugin';
import { MsgHdr, SOCK_DGRAM } from '@stack/sock';
import { errnoError, IP_TTL, SO_BROADCAST, SO_REUSEADDR, SOL_SOCKET, type SocketFile } from '@stack/socket';
import { IPPROTO_IP } from '@stack/ipv4';
import type { NetContext } from './context.ts';
import { notFound } from './lookup.ts';

const LARGEST_DATAGRAM = 65_535;
/** Datagrams at one wake-up. */
const MOST_READS = 64;

const message = new MsgHdr();
const scratch = new Uint8Array(LARGEST_DATAGRAM);

export interface RemoteInfo {
  address: string;
  family: 'IPv4';
  port: number;
  size: number;
}

type Sent = (error: Error | null, bytes: number) => void;

/** `node:dgram` for one host: UDP over IPv4. */
export interface Dgram {
  createSocket(
    type: 'udp4' | { type: 'udp4'; reuseAddr?: boolean },
    onMessage?: (bytes: Buffer, from: RemoteInfo) => void,
  ): DgramSocket;
}

export function dgramOver(context: NetContext): Dgram {
  return {
    createSocket(type, onMessage) {
      const socket = new DgramSocket(context, typeof type === 'object' && type.reuseAddr === true);
      if (onMessage) socket.on('message', onMessage);
      return socket;
    },
  };
}

/** A UDP socket, shaped like `dgram.Socket`. */
export class DgramSocket extends EventEmitter {
  readonly #context: NetContext;
  #file: SocketFile | null;
  #bound = false;
  #referenced = true;

  constructor(context: NetContext, reuseAddr: boolean) {
    super();
    this.#context = context;
    this.#file = context.sockets.create(SOCK_DGRAM);
    this.#file.listener = this;
    if (reuseAddr) this.#file.setOption(SOL_SOCKET, SO_REUSEADDR, 1);
  }

  bind(port = 0, host?: string | (() => void), callback?: () => void): this {
    const done = typeof host === 'function' ? host : callback;
    if (done) this.once('listening', done);
    const name = typeof host === 'string' ? host : '0.0.0.0';
    const address = this.#context.resolve(name);
    const result = address === null ? 0 : this.#open().bind(address, port);
    const error = address === null ? notFound(name) : result < 0 ? errnoError(result, 'bind', name, port) : null;
    if (error === null) this.#listening();
    process.nextTick(() => (error === null ? this.emit('listening') : this.emit('error', error)));
    return this;
  }

  connect(port: number, host = '127.0.0.1', callback?: () => void): void {
    if (callback) this.once('connect', callback);
    const address = this.#context.resolve(host);
    const result = address === null ? 0 : this.#open().connect(address, port);
    const error = address === null ? notFound(host) : result < 0 ? errnoError(result, 'connect', host, port) : null;
    if (error === null) this.#listening();
    process.nextTick(() => (error === null ? this.emit('connect') : this.emit('error', error)));
  }

  disconnect(): void {
    this.#open().disconnect();
  }

  /** Sends to `port` and `host`, or to the connected peer when neither is given. */
  send(bytes: Uint8Array | string, port?: number | Sent, host: string | Sent = '127.0.0.1', callback?: Sent): void {
    const done = [port, host, callback].find((arg) => typeof arg === 'function') as Sent | undefined;
    const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    const name = typeof host === 'string' ? host : '127.0.0.1';
    const error = this.#send(data, typeof port === 'number' ? port : 0, name);
    if (done) process.nextTick(done, error, error === null ? data.length : 0);
    else if (error !== null) process.nextTick(() => this.emit('error', error));
  }

  address(): { address: string; family: 'IPv4'; port: number } {
    const file = this.#open();
    return { address: formatIpv4(file.localAddress), family: 'IPv4', port: file.localPort };
  }

  setBroadcast(on: boolean): void {
    this.#open().setOption(SOL_SOCKET, SO_BROADCAST, on ? 1 : 0);
  }

  setTTL(hops: number): void {
    const result = this.#open().setOption(IPPROTO_IP, IP_TTL, hops);
    if (result < 0) throw errnoError(result, 'setTTL');
  }

  close(callback?: () => void): this {
    if (callback) this.once('close', callback);
    const file = this.#open();
    this.#file = null;
    file.listener = null;
    file.close();
    if (this.#bound && this.#referenced) this.#context.liveness.unref();
    process.nextTick(() => this.emit('close'));
    return this;
  }

  ref(): this {
    if (!this.#referenced && this.#bound) this.#context.liveness.ref();
    this.#referenced = true;
    return this;
  }

  unref(): this {
    if (this.#referenced && this.#bound) this.#context.liveness.unref();
    this.#referenced = false;
    return this;
  }

  /** @internal */
  onReady(): void {
    for (let i = 0; i < MOST_READS; i++) {
      const length = this.#file?.recvmsg(scratch, 0, scratch.length, 0, message) ?? -EAGAIN;
      if (length === -EAGAIN) return;
      if (length < 0) {
        this.emit('error', errnoError(length, 'recvmsg'));
        return;
      }
      const from: RemoteInfo = {
        address: formatIpv4(message.address),
        family: 'IPv4',
        port: message.port,
        size: length,
      };
      this.emit('message', Buffer.from(scratch.subarray(0, length)), from);
    }
    this.#file?.listenAgain();
  }

  #send(data: Uint8Array, port: number, name: string): Error | null {
    const address = port === 0 ? 0 : this.#context.resolve(name);
    if (address === null) return notFound(name);
    const file = this.#open();
    message.address = address;
    message.port = port;
    const result = file.sendmsg(data, 0, data.length, 0, port === 0 ? null : message);
    this.#listening();
    return result < 0 ? errnoError(result, 'send', name, port) : null;
  }

  #open(): SocketFile {
    if (this.#file !== null) return this.#file;
    throw Object.assign(new Error('Not running'), { code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' });
  }

  /** From the first address on, messages may come: the process stays alive for them. */
  #listening(): void {
    if (this.#bound) return;
    this.#bound = true;
    if (this.#referenced) this.#context.liveness.ref();
  }
}
