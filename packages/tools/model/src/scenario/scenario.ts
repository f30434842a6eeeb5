/** What a run does, drawn from its seed before it begins. Times in milliseconds of virtual time. */
export interface Scenario {
  readonly seed: number;
  readonly opening: Opening;
  readonly client: Plan;
  readonly server: Plan;
  readonly forth: Path;
  readonly back: Path;
  /** What the adversary does; null: there is none, and what one side writes is what the other reads. */
  readonly adversary: Adversary | null;
  /** Bytes of the link. */
  readonly mtu: number;
  /** Where the client's sequence numbers begin: just before they turn over, or just before their sign does. */
  readonly wrap: 'none' | 'unsigned' | 'signed';
  /** Nobody gives up, and the network is good enough: all must arrive, and no call may fail. */
  readonly benign: boolean;
}

/** How the connection begins. `early`: with data in the SYN, after a connection that only fetched a cookie. */
export type Opening = 'usual' | 'simultaneous' | 'early';

/** One side: its host, its socket, and what its program does. */
export interface Plan {
  readonly sysctl: Readonly<Record<string, number | boolean>>;
  readonly options: readonly SocketOption[];
  readonly congestion: string;
  /** Bytes that it writes in all, in pieces of up to `piece`, one every `writeEvery` (0: as fast as they are taken). */
  readonly bytes: number;
  readonly piece: number;
  readonly writeEvery: number;
  /** How likely a piece goes with MSG_MORE, or MSG_OOB (read inline). */
  readonly more: number;
  readonly urgent: number;
  /** It reads up to so much at once, every `readEvery` (0: whenever there is something), from `readFrom` on. */
  readonly gulp: number;
  readonly readEvery: number;
  readonly readFrom: number;
  /** When all is written. */
  readonly finish: 'shutdown' | 'close' | 'wait';
  readonly acts: readonly Act[];
}

export type SocketOption =
  | { readonly kind: 'tcp'; readonly name: number; readonly value: number }
  | { readonly kind: 'sndbuf' | 'rcvbuf' | 'pacing'; readonly value: number }
  | { readonly kind: 'keepalive' | 'linger' };

/** Something that a program does at a time of its own. */
export interface Act {
  readonly at: number;
  readonly what: 'close' | 'abort' | 'disconnect' | 'end-writing' | 'end-reading' | 'end-both' | 'option' | 'peek';
  readonly option?: SocketOption;
}

/** One direction of the network. Probabilities are for each segment. */
export interface Path {
  readonly delay: number;
  /** Up to so much more, for each segment anew: this is what reorders. */
  readonly jitter: number;
  readonly loss: number;
  readonly duplicate: number;
  /** Congestion marks on segments that can bear them. */
  readonly mark: number;
  /** Nothing passes from `dark[0]` to `dark[1]`. */
  readonly dark: readonly [number, number] | null;
}

export interface Adversary {
  /** It stands in for the server, or it sits on the way and adds what it made of the segments that pass. */
  readonly place: 'peer' | 'way';
  /** How likely it answers, or meddles with, a segment. */
  readonly zeal: number;
  /** It speaks out of turn so often. */
  readonly outbursts: number;
}
