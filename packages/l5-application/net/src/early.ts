/** Of a connection that does not stand yet: what is needed until it does. */
export class Early {
  connecting = false;
  /** Where to; its errors and `remoteAddress` name it. */
  peer: PeerName | null = null;
  noDelay = false;
  /** `end()` was called: the side is shut down when there is one. */
  final: ((error?: Error | null) => void) | null = null;
}

export interface PeerName {
  readonly address: string;
  readonly port: number;
}
