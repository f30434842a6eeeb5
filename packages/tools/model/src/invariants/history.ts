import { SOCK_RCVBUF_LOCK } from '@stack/sock';
import type { TcpSock } from '@stack/tcp';
import { must } from '../violation.ts';

/** Sequence numbers of a connection only grow, and a window promised is not taken back. */
export class History {
  readonly #who: string;
  #known = false;
  #una = 0;
  #nxt = 0;
  #rcvNxt = 0;
  #copied = 0;
  #edge = 0;

  constructor(who: string) {
    this.#who = who;
  }

  /** The socket has no connection. */
  forget(): void {
    this.#known = false;
  }

  check(sk: TcpSock): void {
    const { snd, rcv } = sk;
    const edge = (rcv.wup + rcv.wnd) | 0;
    if (this.#known) {
      this.#grows('snd.una', this.#una, snd.una);
      this.#grows('snd.nxt', this.#nxt, snd.nxt);
      this.#grows('rcv.nxt', this.#rcvNxt, rcv.nxt);
      this.#grows('copiedSeq', this.#copied, rcv.copiedSeq);
      if (!mayClose(sk)) this.#grows('the edge of the receive window', this.#edge, edge);
    }
    this.#known = true;
    this.#una = snd.una;
    this.#nxt = snd.nxt;
    this.#rcvNxt = rcv.nxt;
    this.#copied = rcv.copiedSeq;
    this.#edge = edge;
  }

  #grows(name: string, before: number, now: number): void {
    must(((now - before) | 0) >= 0, () => `${this.#who}: ${name} went back from ${before} to ${now}`);
  }
}

/** Who made the buffer smaller has the window closed when a segment finds no room; so has who gets data that cost more than they weigh. */
function mayClose(sk: TcpSock): boolean {
  if ((sk.userlocks & SOCK_RCVBUF_LOCK) !== 0) return true;
  return sk.rcv.wnd === 0 && sk.tcp.mib.snapshot().TcpExtTCPRcvQDrop > 0;
}
