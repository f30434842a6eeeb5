import type { SockCommon } from '@stack/sock';
import type { TcpSock } from '@stack/tcp';
import type { ModelHost } from '../world/machine.ts';
import { checkReceiving } from './receiving.ts';
import { checkSending } from './sending.ts';
import { checkTimers } from './timers.ts';
import { History } from './history.ts';

const TCP_SYN_SENT = 2;
const TCP_CLOSE = 7;
const TCP_LISTEN = 10;
const LAST_FULL_STATE = 11;
const TCP_TIME_WAIT = 6;

/** Looks at every socket of a host after every event. */
export class Inspector {
  readonly #host: ModelHost;
  readonly #name: string;
  readonly #histories = new WeakMap<TcpSock, History>();
  readonly #own: TcpSock[] = [];

  constructor(host: ModelHost, name: string) {
    this.#host = host;
    this.#name = name;
  }

  /** A socket that a program holds is looked at even when it is in no table. */
  watch(sk: TcpSock): void {
    this.#own.push(sk);
  }

  look(): void {
    let hashed = 0;
    for (const sk of this.#own) {
      this.#check(sk);
      if (sk.hash >= 0 && sk.state !== TCP_LISTEN) hashed++;
    }
    const { ehash } = this.#host.tcp.hashinfo;
    if (ehash.size > hashed) this.#lookAtOthers(ehash);
  }

  /** Those that nobody has accepted yet, or whose program has let go. */
  #lookAtOthers(ehash: Iterable<SockCommon>): void {
    for (const sk of ehash)
      if (sk.state <= LAST_FULL_STATE && sk.state !== TCP_TIME_WAIT && !this.#own.includes(sk as TcpSock))
        this.#check(sk as TcpSock);
  }

  #check(sk: TcpSock): void {
    if (sk.state === TCP_LISTEN) return;
    let history = this.#histories.get(sk);
    if (history === undefined) this.#histories.set(sk, (history = new History(this.#name)));
    if (sk.state === TCP_CLOSE) {
      history.forget();
      return;
    }
    checkSending(sk, this.#name);
    checkTimers(sk, this.#name);
    if (sk.state === TCP_SYN_SENT) return;
    checkReceiving(sk, this.#name);
    history.check(sk);
  }
}
