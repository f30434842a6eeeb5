import { Timer, type Random, type VirtualClock } from '@stack/clock';
import {
  InetProtocols,
  IpOutput,
  NO_METRICS,
  RTN_LOCAL,
  RTN_UNICAST,
  type InetSock,
  type NetProtocol,
  type Rtable,
} from '@stack/ipv4';
import { NetDevice } from '@stack/netdev';
import type { Plugin } from '@stack/plugin';
import { CHECKSUM_UNNECESSARY, ip, SKB_GSO_TCP_ACCECN, SkbPool, skbCopyToBytes, type SkBuff } from '@stack/skb';
import type { Cpus } from '@stack/softirq';
import { decodeTcpOptions, encodeTcpOptions, flagsBits, flagsText, type TcpOptions } from '@stack/testing';

/** A segment in plain values. Numbers are unsigned; `win` is the raw field. */
export interface Segment {
  /** When it was sent, in milliseconds. */
  at: number;
  flags: string;
  seq: number;
  ack: number;
  win: number;
  sport: number;
  dport: number;
  /** The urgent pointer, 0 without. */
  urg?: number;
  options: TcpOptions;
  payload: Uint8Array;
  /** The ECN field of IP: 0, 1 and 2 for ECT(1) and ECT(0), 3 for CE. */
  ecn: number;
}

const CWR = 0x80;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

export function parseSegment(bytes: Uint8Array, at: number, ecn = 0): Segment {
  const view = viewOf(bytes);
  const length = (bytes[12] >>> 4) * 4;
  return {
    at,
    flags: flagsText(view.getUint16(12) & 0x1ff),
    seq: view.getUint32(4),
    ack: view.getUint32(8),
    win: view.getUint16(14),
    sport: view.getUint16(0),
    dport: view.getUint16(2),
    urg: view.getUint16(18),
    options: decodeTcpOptions(bytes.subarray(20, length)),
    payload: bytes.subarray(length),
    ecn,
  };
}

export function buildSegment(s: Omit<Segment, 'at' | 'ecn'>): Uint8Array {
  const options = encodeTcpOptions(s.options);
  const bytes = new Uint8Array(20 + options.length + s.payload.length);
  const view = viewOf(bytes);
  view.setUint16(0, s.sport);
  view.setUint16(2, s.dport);
  view.setUint32(4, s.seq);
  view.setUint32(8, s.ack);
  view.setUint16(12, ((20 + options.length) << 10) | flagsBits(s.flags));
  view.setUint16(14, s.win);
  view.setUint16(18, s.urg ?? 0);
  bytes.set(options, 20);
  bytes.set(s.payload, 20 + options.length);
  return bytes;
}

/** What a device with segmentation offload puts on the wire. */
function segmentsOf(bytes: Uint8Array, gsoSize: number, cwrMask: number): Uint8Array[] {
  const length = (bytes[12] >>> 4) * 4;
  const payload = bytes.length - length;
  if (gsoSize === 0 || payload <= gsoSize) return [bytes];
  const parts: Uint8Array[] = [];
  const seq = viewOf(bytes).getUint32(4);
  for (let at = 0; at < payload; at += gsoSize) {
    const end = Math.min(at + gsoSize, payload);
    const part = new Uint8Array(length + end - at);
    part.set(bytes.subarray(0, length));
    part.set(bytes.subarray(length + at, length + end), length);
    viewOf(part).setUint32(4, seq + at);
    if (end < payload) part[13] &= ~0x09; // FIN and PSH belong to the last
    if (at > 0) part[13] &= ~cwrMask; // CWR to the first
    parts.push(part);
  }
  return parts;
}

/** IPv4 of one host, as far as TCP sees it: what is sent goes to `transmit`, and {@link receive} brings segments in. */
export class WireIp {
  readonly maxHeader = 152;
  readonly dev = Object.assign(new NetDevice('eth0', {} as never), { ifindex: 1 });
  readonly protocols = new Map<number, NetProtocol>();
  readonly address: number;
  mtu = 1500;
  /** Segments that left, as on the wire; a GSO packet counts once in `packets`. */
  packets = 0;
  transmit: (bytes: Uint8Array, daddr: number, ecn: number) => void = () => {};
  /** What queueXmit answers while it is not 0; the segment is lost. */
  refuse = 0;
  cpus!: Cpus;
  pool!: SkbPool;

  constructor(address: number) {
    this.address = address;
  }

  addressType(address: number): number {
    return address === this.address ? RTN_LOCAL : RTN_UNICAST;
  }

  routeOutput(): Rtable {
    const nowhere = (): number => 0;
    return {
      dev: this.dev,
      type: RTN_UNICAST,
      gateway: 0,
      source: this.address,
      input: nowhere,
      output: nowhere,
      mtu: () => this.mtu,
      advmss: () => this.dev.mtu - 40,
      metrics: NO_METRICS,
      obsolete: false,
    };
  }

  routeConnect(sk: InetSock): number {
    sk.dstCache = this.routeOutput();
    if (sk.saddr === 0) sk.saddr = this.address;
    return 0;
  }

  skDstCheck(sk: InetSock): Rtable {
    return (sk.dstCache ??= this.routeOutput());
  }

  queueXmit(sk: InetSock, skb: SkBuff, ecn = 0): number {
    return this.#send(skb, sk.daddr, ecn);
  }

  buildAndSendPkt(skb: SkBuff, _sk: InetSock, _route: Rtable, _saddr: number, daddr: number, tos: number): number {
    return this.#send(skb, daddr, tos & 3);
  }

  sendUnicastReply(to: SkBuff, reply: SkBuff, _protocol: number, tos: number): void {
    this.#send(reply, ip.saddr(to), tos & 3);
  }

  updatePmtu(_daddr: number, mtu: number): void {
    this.mtu = Math.min(this.mtu, mtu);
  }

  #send(skb: SkBuff, daddr: number, ecn: number): number {
    if (this.refuse !== 0) {
      skb.drop(0);
      return this.refuse;
    }
    const bytes = new Uint8Array(skb.len);
    skbCopyToBytes(skb, 0, bytes, 0, skb.len);
    const { gsoSize } = skb.shinfo;
    const cwrMask = (skb.shinfo.gsoType & SKB_GSO_TCP_ACCECN) === 0 ? CWR : 0;
    skb.consume();
    this.packets++;
    for (const part of segmentsOf(bytes, gsoSize, cwrMask)) this.transmit(part, daddr, ecn);
    return 0;
  }

  /** A segment arrives, in softirq context. */
  receive(bytes: Uint8Array, saddr: number, ecn = 0): void {
    const skb = this.pool.alloc(64 + 20 + bytes.length)!;
    skb.reserve(64);
    skb.put(20 + bytes.length);
    skb.resetNetworkHeader();
    ip.setVersionIhl(skb, 0x45);
    ip.setTos(skb, ecn);
    ip.setTotalLength(skb, skb.len);
    ip.setTtl(skb, 64);
    ip.setProtocol(skb, 6);
    ip.setSaddr(skb, saddr);
    ip.setDaddr(skb, this.address);
    skb.pull(20);
    skb.arena.u8.set(bytes, skb.data);
    skb.dev = this.dev;
    skb.ipSummed = CHECKSUM_UNNECESSARY;
    this.cpus.boot.localBhDisable();
    this.protocols.get(6)!.handler(skb);
    this.cpus.boot.localBhEnable();
  }

  /** An ICMP error about a segment that was sent: type, code, MTU, and the sequence number it quotes. */
  icmp(type: number, code: number, info: number, sport: number, daddr: number, dport: number, seq: number): void {
    const skb = this.pool.alloc(128)!;
    skb.put(28);
    skb.setU8(0, 0x45);
    skb.setI32(12, this.address);
    skb.setI32(16, daddr);
    skb.setU16(20, sport);
    skb.setU16(22, dport);
    skb.setI32(24, seq | 0);
    skb.dev = this.dev;
    this.protocols.get(6)!.errHandler!(skb, type, code, info);
    skb.consume();
  }
}

export function wireIp(wire: WireIp): Plugin {
  return {
    name: 'wireIp',
    provide(provider) {
      provider.bind(IpOutput, () => wire as unknown as IpOutput);
      provider.bind(InetProtocols, () => ({
        add(number, protocol) {
          wire.protocols.set(number, protocol);
          return () => wire.protocols.delete(number);
        },
        get: (number) => wire.protocols.get(number) ?? null,
      }));
    },
  };
}

/** What the network does to segments. Times in milliseconds. */
export interface BadNetwork {
  delay?: number;
  loss?: number;
  duplicate?: number;
  /** Up to so much more delay for each segment. */
  jitter?: number;
}

/** Joins two hosts. `drop` may throw single segments away. */
export function join(clock: VirtualClock, random: Random, a: WireIp, b: WireIp, network: BadNetwork = {}) {
  const { delay = 10, loss = 0, duplicate = 0, jitter = 0 } = network;
  const link = {
    drop: (_segment: Segment, _from: WireIp): boolean => false,
    /** The ECN field with which a segment arrives. */
    mark: (segment: Segment, _from: WireIp): number => segment.ecn,
    /** How much longer it takes, in milliseconds. */
    hold: (_segment: Segment, _from: WireIp): number => 0,
    log: [] as Segment[],
  };
  const carry = (from: WireIp, to: WireIp) => (bytes: Uint8Array, _daddr: number, ecn: number) => {
    const segment = parseSegment(bytes, clock.now() / 1e6, ecn);
    link.log.push(segment);
    if (link.drop(segment, from) || random.fraction() < loss) return;
    const copies = random.fraction() < duplicate ? 2 : 1;
    for (let i = 0; i < copies; i++) {
      const arrives = link.mark(segment, from);
      const time = delay + link.hold(segment, from) + random.fraction() * jitter;
      const task = { run: () => to.receive(bytes, from.address, arrives) };
      new Timer(clock, task).setIn(Math.round(time * 1e6));
    }
  };
  a.transmit = carry(a, b);
  b.transmit = carry(b, a);
  return link;
}
