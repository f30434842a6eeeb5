import type { SeenOption } from './tcp-option-bytes.ts';

/** An IPv4 packet that went out, taken apart. Addresses int32, sequence numbers unsigned. */
export interface SeenPacket {
  /** When, in nanoseconds of the clock. */
  readonly at: number;
  readonly source: number;
  readonly destination: number;
  readonly tos: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly headerLength: number;
  readonly totalLength: number;
  /** What is wrong with the packet as such, null when nothing is. */
  readonly damage: string | null;
  readonly body: SeenTcp | SeenUdp | SeenIcmp | null;
}

export interface SeenTcp {
  readonly protocol: 'tcp';
  readonly sport: number;
  readonly dport: number;
  readonly seq: number;
  readonly ack: number;
  readonly headerLength: number;
  /** Nine bits, AE (0x100) to FIN. */
  readonly flags: number;
  /** As in the header, not scaled. */
  readonly window: number;
  readonly urgent: number;
  readonly options: readonly SeenOption[];
  /** Bytes of payload. */
  readonly length: number;
  /** As it was on the wire. */
  readonly segment: Uint8Array;
}

export interface SeenUdp {
  readonly protocol: 'udp';
  readonly sport: number;
  readonly dport: number;
  readonly length: number;
}

export interface SeenIcmp {
  readonly protocol: 'icmp';
  readonly type: number;
  readonly code: number;
  readonly mtu: number;
}
