import { inetUnhash } from '@stack/sock';
import type { TcpSock } from '../sock.ts';
import type { TcpRequestSock } from './request-sock.ts';

/** What waits at a listener: requests whose handshake goes on, connections that wait for accept. @kernel include/net/request_sock.h struct request_sock_queue */
export class RequestQueue {
  /** Requests that have not been answered yet. */
  requests = 0;
  /** Of those, such as have never been retransmitted. */
  young = 0;
  /** Connections that wait for accept, and how many may. */
  acceptLength = 0;
  backlog: number;
  /** When a SYN cookie was sent last, in jiffies; 0: never. */
  synqOverflow = 0;
  /** Connections of Fast Open whose handshake goes on, with those that were reset lately; and until when these count. */
  fastOpenLength = 0;
  readonly fastOpenResets: number[] = [];
  /** Requests of this listener, for when it closes. */
  readonly all = new Set<TcpRequestSock>();
  #accept: TcpSock[] = [];
  #head = 0;

  constructor(backlog: number) {
    this.backlog = backlog;
  }

  /** @kernel include/net/sock.h sk_acceptq_is_full() */
  get acceptIsFull(): boolean {
    return this.acceptLength > this.backlog;
  }

  /** @kernel include/net/inet_connection_sock.h inet_csk_reqsk_queue_is_full() */
  get requestsAreFull(): boolean {
    return this.requests >= this.backlog;
  }

  /** @kernel net/ipv4/inet_connection_sock.c inet_csk_reqsk_queue_add() */
  push(child: TcpSock): void {
    this.#accept.push(child);
    this.acceptLength++;
  }

  shift(): TcpSock | null {
    if (this.acceptLength === 0) return null;
    const child = this.#accept[this.#head++];
    if (--this.acceptLength === 0) {
      this.#accept.length = 0;
      this.#head = 0;
    } else if (this.#head > COMPACT_AT) {
      this.#accept.splice(0, this.#head);
      this.#head = 0;
    }
    return child;
  }
}

const COMPACT_AT = 1024;

/** Counts a request in. @kernel net/ipv4/inet_connection_sock.c inet_csk_reqsk_queue_added() */
export function addRequest(request: TcpRequestSock): void {
  const queue = request.listener.requests!;
  queue.all.add(request);
  queue.requests++;
  queue.young++;
}

/** The request has become a connection, or nothing. @kernel net/ipv4/inet_connection_sock.c inet_csk_reqsk_queue_drop() */
export function dropRequest(request: TcpRequestSock): void {
  const queue = request.listener.requests!;
  if (!queue.all.delete(request)) return;
  queue.requests--;
  if (request.timeouts === 0) queue.young--;
  request.cancel();
  inetUnhash(request.listener.tcp.hashinfo, request, false);
  request.route = null;
}
