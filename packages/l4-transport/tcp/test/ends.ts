import type { Container } from '@stack/plugin';
import { Skbs } from '@stack/skb';
import { InetProtosws, MSG_FASTOPEN, MsgHdr, SOCK_STREAM, sockets } from '@stack/sock';
import { Smp } from '@stack/softirq';
import { ipNumber, machine, testHost, type Machine } from '@stack/testing';
import { Tcp, tcp, type TcpSock } from '../src/index.ts';
import { buildSegment, join, parseSegment, WireIp, wireIp, type BadNetwork, type Segment } from './wire.ts';

export const ALICE = ipNumber('10.0.0.1');
export const BOB = ipNumber('10.0.0.2');
const encoder = new TextEncoder();

/** A socket with the calls as a program has them. */
export class End {
  readonly sk: TcpSock;
  woken = 0;
  readonly #buffer = new Uint8Array(1 << 20);

  constructor(sk: TcpSock) {
    this.sk = sk;
    sk.waiter = { wake: (events) => void (this.woken |= events) };
  }

  listen(port: number, backlog = 16): this {
    const { sk } = this;
    const results = [sk.proto.bind(sk, 0, port), sk.proto.listen(sk, backlog)];
    if (results.some((result) => result !== 0)) throw new Error(`listen: ${results.join()}`);
    return this;
  }

  connect(address: number, port: number): number {
    return this.sk.proto.connect(this.sk, address, port);
  }

  accept(): End | null {
    const child = this.sk.proto.accept(this.sk);
    return child === null ? null : new End(child as TcpSock);
  }

  send(bytes: Uint8Array | string | number, flags = 0, msg: MsgHdr | null = null): number {
    const data =
      typeof bytes === 'string' ? encoder.encode(bytes) : typeof bytes === 'number' ? new Uint8Array(bytes) : bytes;
    return this.sk.proto.sendmsg(this.sk, data, 0, data.length, flags, msg);
  }

  /** Connects with data in the SYN, if there is a cookie. */
  sendFastOpen(bytes: string | number, address: number, port: number): number {
    return this.send(bytes, MSG_FASTOPEN, Object.assign(new MsgHdr(), { address, port }));
  }

  /** A count, or the negative errno; the bytes are in `bytes`. */
  recv(most = this.#buffer.length, flags = 0, msg: MsgHdr | null = null): number {
    return this.sk.proto.recvmsg(this.sk, this.#buffer, 0, most, flags, msg);
  }

  bytes(length: number): Uint8Array {
    return this.#buffer.slice(0, length);
  }

  text(flags = 0): string | number {
    const length = this.recv(undefined, flags);
    return length > 0 ? new TextDecoder().decode(this.bytes(length)) : length;
  }

  option(name: number, value: number | Uint8Array): number {
    return this.sk.proto.setsockopt(this.sk, 6, name, value);
  }

  shutdown(how: number): number {
    return this.sk.proto.shutdown(this.sk, how);
  }

  poll(): number {
    return this.sk.proto.poll(this.sk);
  }

  close(): void {
    this.sk.proto.close(this.sk);
  }

  get state(): number {
    return this.sk.state;
  }
}

function tcpHost(lab: Machine, name: string, address: number) {
  const wire = new WireIp(address);
  const host: Container = testHost(lab, name, [wireIp(wire), sockets(), tcp()]);
  wire.cpus = host.get(Smp);
  wire.pool = host.get(Skbs);
  const open = (): End => new End(host.get(InetProtosws).find(SOCK_STREAM, 6)!.create() as TcpSock);
  const state = host.get(Tcp);
  return { host, wire, open, tcp: state, count: (name: string): number => state.mib.snapshot()[name as never] };
}

/** Two hosts with TCP, joined by a network. */
export function twoHosts(network: BadNetwork = {}, seed = 7) {
  const lab = machine({ seed });
  const alice = tcpHost(lab, 'alice', ALICE);
  const bob = tcpHost(lab, 'bob', BOB);
  const link = join(lab.clock, lab.random.fork('network'), alice.wire, bob.wire, network);
  const run = (ms: number): void => lab.clock.runFor(ms * 1e6);
  /** Alice connects to Bob. */
  const pair = (ms = 1000): { client: End; server: End; listener: End } => {
    const listener = bob.open().listen(80);
    const client = alice.open();
    client.connect(BOB, 80);
    run(ms);
    const server = listener.accept();
    if (server === null) throw new Error('no connection');
    return { client, server, listener };
  };
  return { ...lab, alice, bob, link, run, pair };
}

/** What a test says of a segment; the rest is as the connection has it. */
export type Said = Partial<Omit<Segment, 'at' | 'payload'>> & { payload?: number | Uint8Array };

/** The other end of a connection, played by hand: its sequence number 0 is its SYN. */
export class Peer {
  /** Our and their initial sequence numbers. */
  isn = 5000;
  theirs = 0;
  sport = 4321;
  dport = 80;
  /** Next byte we would send, and expect, from the initial numbers. */
  next = 1;
  expected = 1;
  win = 65_535;
  readonly out: Segment[] = [];
  readonly #wire: WireIp;
  readonly #address: number;

  constructor(wire: WireIp, now: () => number, address = BOB) {
    this.#wire = wire;
    this.#address = address;
    wire.transmit = (bytes, _daddr, ecn) => this.out.push(parseSegment(bytes, now() / 1e6, ecn));
  }

  /** A segment with numbers from the initial ones. */
  say(said: Said): void {
    const payload =
      typeof said.payload === 'number' ? new Uint8Array(said.payload) : (said.payload ?? new Uint8Array(0));
    const flags = said.flags ?? '.';
    const sack = said.options?.sack?.map(([l, r]): [number, number] => [
      (l + this.theirs) >>> 0,
      (r + this.theirs) >>> 0,
    ]);
    const bytes = buildSegment({
      flags,
      seq: ((said.seq ?? this.next) + this.isn) >>> 0,
      ack: flags.includes('.') ? ((said.ack ?? this.expected) + this.theirs) >>> 0 : 0,
      win: said.win ?? this.win,
      sport: said.sport ?? this.sport,
      dport: said.dport ?? this.dport,
      urg: said.urg,
      options: sack === undefined ? (said.options ?? {}) : { ...said.options, sack },
      payload,
    });
    this.#wire.receive(bytes, this.#address, said.ecn);
  }

  /** What was sent since the last time: `flags seq:end(length) ack`, numbers from the initial ones. */
  heard(): string[] {
    return this.take().map((s) => {
      const seq = (s.seq - this.theirs) | 0;
      const length = s.payload.length;
      const ack = s.flags.includes('.') ? ` ${(s.ack - this.isn) | 0}` : '';
      const sack = s.options.sack?.map(([l, r]) => `${(l - this.isn) | 0}-${(r - this.isn) | 0}`).join(',');
      return `${s.flags} ${seq}:${seq + length}(${length})${ack}${sack === undefined ? '' : ` sack ${sack}`}`;
    });
  }

  take(): Segment[] {
    return this.out.splice(0);
  }
}

/** Options of a modern SYN. */
export const SYN_OPTIONS = { mss: 1460, sackPermitted: true as const, windowScale: 7 };

/** A host and a peer played by hand. */
export function byHand() {
  const lab = machine({ seed: 7 });
  const alice = tcpHost(lab, 'alice', ALICE);
  const peer = new Peer(alice.wire, () => lab.clock.now());
  const run = (ms: number): void => lab.clock.runFor(ms * 1e6);
  run(1000); // the host has been up for a while
  /** The peer connects to a listener of ours; the connection is accepted. */
  const accepted = (options: Segment['options'] = SYN_OPTIONS): { server: End; listener: End } => {
    const listener = alice.open().listen(80);
    peer.say({ flags: 'S', seq: 0, options });
    peer.theirs = peer.take()[0].seq;
    run(10);
    peer.say({ flags: '.' });
    const server = listener.accept();
    if (server === null) throw new Error('no connection');
    return { server, listener };
  };
  return { ...lab, alice, peer, run, accepted };
}
