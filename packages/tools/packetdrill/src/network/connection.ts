import type { TcpOption, TcpPacket } from '../language/script.ts';
import { ACK, SYN } from '../language/tcp-flags.ts';
import type { TcpFields } from '../packets/build.ts';
import type { SeenPacket, SeenTcp } from '../packets/seen-packet.ts';
import type { SeenOption } from '../packets/tcp-option-bytes.ts';
import { TimestampMap } from './timestamps.ts';

/**
 * A connection between the host and the script, and how numbers of the one become numbers of the other: SYNs carry
 * them as written, in all else they count from the initial sequence numbers.
 */
export class Connection {
  readonly protocol: 'tcp' | 'udp';
  readonly localPort: number;
  readonly remotePort: number;
  readonly timestamps = new TimestampMap();
  /** What was sent on it and no line has asked for yet. */
  readonly queue: SeenPacket[] = [];
  #remoteIsn: number | null = null;
  /** The sequence number of the script's SYN that came last. */
  #lastSyn: number | null = null;
  /** The host's, on the wire and in the script; not known before its SYN is seen. */
  #localIsn: { readonly live: number; readonly script: number } | null = null;

  constructor(protocol: 'tcp' | 'udp', localPort: number, remotePort: number) {
    this.protocol = protocol;
    this.localPort = localPort;
    this.remotePort = remotePort;
  }

  /** The fields on the wire of a packet that the script sends; `options` with timestamps as they are to be. */
  toWire(packet: TcpPacket, options: readonly TcpOption[]): Omit<TcpFields, 'md5Key'> {
    const isSyn = (packet.flags & SYN) !== 0;
    if (isSyn) this.#lastSyn = packet.seq;
    if (isSyn) this.#remoteIsn ??= packet.seq;
    const local = this.#localOffset(isSyn);
    return {
      flags: packet.flags,
      seq: packet.seq + (isSyn ? 0 : (this.#remoteIsn ?? 0)),
      ack: (packet.ack ?? 0) + ((packet.flags & ACK) === 0 ? 0 : local),
      window: packet.window ?? 0,
      urgent: packet.urgent ?? 0,
      options: options.map((option) => shiftBlocks(option, local)),
      length: packet.length,
    };
  }

  /** Takes note of the host's SYN, which the script calls `scriptSeq`. Another one begins a connection anew. */
  learn(seen: SeenPacket, scriptSeq: number): void {
    const { body } = seen;
    if (body?.protocol !== 'tcp' || (body.flags & SYN) === 0 || this.#localIsn?.live === body.seq) return;
    if (this.#localIsn !== null) this.#remoteIsn = (body.flags & ACK) === 0 ? null : this.#lastSyn;
    this.#localIsn = { live: body.seq, script: scriptSeq };
  }

  /** A packet of the host in the script's numbers. */
  toScript(seen: SeenPacket): SeenPacket {
    const { body } = seen;
    if (body?.protocol !== 'tcp') return seen;
    const isSyn = (body.flags & SYN) !== 0;
    const remote = isSyn ? 0 : (this.#remoteIsn ?? 0);
    const tcp: SeenTcp = {
      ...body,
      seq: (body.seq - this.#localOffset(isSyn)) >>> 0,
      ack: (body.flags & ACK) === 0 ? body.ack : (body.ack - remote) >>> 0,
      options: body.options.map((option) => shiftBlocks(option, -remote)),
    };
    return { ...seen, body: tcp };
  }

  /** A sequence number of the host's on the wire. */
  localSeq(seq: number): number {
    return (seq + this.#localOffset(false)) >>> 0;
  }

  #localOffset(isSyn: boolean): number {
    const isn = this.#localIsn;
    if (isn === null) return 0;
    return isSyn ? isn.live - isn.script : isn.live;
  }
}

function shiftBlocks<T extends SeenOption>(option: T, offset: number): T {
  if (option.kind !== 'sack') return option;
  const blocks = option.blocks.map(([left, right]) => [(left + offset) >>> 0, (right + offset) >>> 0] as const);
  return { ...option, blocks };
}
