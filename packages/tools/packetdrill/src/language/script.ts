/** A script as it is written, before any of it has happened. Times in microseconds. */
export interface Script {
  readonly options: readonly ScriptOption[];
  readonly init: Command | null;
  readonly events: readonly ScriptEvent[];
  readonly cleanup: Command | null;
}

export interface ScriptOption {
  readonly line: number;
  readonly name: string;
  /** Null when there is no `=`. */
  readonly value: string | null;
}

export interface ScriptEvent {
  readonly line: number;
  /** As written, on one line. */
  readonly text: string;
  readonly time: EventTime;
  readonly action: Action;
}

/** When an event is to happen. `any` has no times. */
export interface EventTime {
  readonly base: 'start' | 'previous' | 'any';
  readonly from: number;
  /** The end of a range `a~b`; null when it is a point. */
  readonly to: number | null;
}

export type Action = Packet | Call | Command | Code;

export interface Command {
  readonly kind: 'command';
  readonly line: number;
  readonly text: string;
}

export interface Code {
  readonly kind: 'code';
  /** Of its first character. */
  readonly line: number;
  readonly text: string;
}

export interface Packet {
  readonly kind: 'packet';
  readonly inbound: boolean;
  readonly ip: IpAnnotation;
  readonly body: TcpPacket | UdpPacket | IcmpPacket;
}

/** What is written in brackets in front of a packet. */
export interface IpAnnotation {
  readonly tos: number | null;
  /** The two ECN bits; 'ect01' is either of ECT(0) and ECT(1). */
  readonly ecn: number | 'ect01' | null;
  readonly ttl: number | null;
}

/** Ports as written; null for those of the connection. */
export interface Ports {
  readonly source: number;
  readonly destination: number;
}

export interface TcpPacket {
  readonly protocol: 'tcp';
  readonly ports: Ports | null;
  /** Nine bits, AE (0x100) to FIN (0x01). */
  readonly flags: number;
  readonly seq: number;
  readonly length: number;
  readonly ack: number | null;
  readonly window: number | null;
  readonly urgent: number | null;
  /** Null for `<...>`: any. */
  readonly options: readonly TcpOption[] | null;
}

export interface UdpPacket {
  readonly protocol: 'udp';
  readonly ports: Ports | null;
  /** Of the payload. */
  readonly length: number;
}

export interface IcmpPacket {
  readonly protocol: 'icmp';
  readonly type: number;
  readonly code: number;
  readonly mtu: number | null;
  /** The packet that it is about; null when not said. */
  readonly about:
    | { readonly protocol: 'tcp'; readonly seq: number; readonly length: number }
    | { readonly protocol: 'udp'; length: number }
    | null;
}

export type TcpOption =
  | { readonly kind: 'eol' | 'nop' | 'sackOK' }
  | { readonly kind: 'mss' | 'wscale'; readonly value: number }
  | { readonly kind: 'sack'; readonly blocks: readonly (readonly [number, number])[] }
  | { readonly kind: 'TS'; readonly val: number; readonly ecr: number }
  | { readonly kind: 'FO' | 'exp-FO'; readonly bytes: Uint8Array }
  /** Signed with the host's key, or with another; null for the bytes as they are, of which none stands for any. */
  | { readonly kind: 'md5'; readonly bytes: Uint8Array; readonly isValid: boolean | null }
  | { readonly kind: 'ECN'; readonly order: 0 | 1; readonly counters: readonly number[] }
  /** One that has no name here. */
  | { readonly kind: 'unknown'; readonly number: number; readonly bytes: Uint8Array }
  | { readonly kind: 'exp'; readonly magic: number; readonly bytes: Uint8Array };

/** A system call with its arguments, and what it is to return. */
export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
  /** Null for `?`. */
  readonly result: number | null;
  readonly errno: string | null;
  /** When a blocking call is to return; like `from` relative to the event's base. */
  readonly end: number | null;
}

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'structure'; readonly fields: readonly Field[] }
  | { readonly kind: 'apply'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'operation'; readonly operator: string; readonly operands: readonly Expression[] };

/** `name = value`, `name(args) = value`, or a value alone. */
export interface Field {
  readonly name: string | null;
  readonly args: readonly Expression[];
  readonly value: Expression;
}
