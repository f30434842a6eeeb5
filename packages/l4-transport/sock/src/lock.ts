import { SkbQueue, type SkBuff } from '@stack/skb';
import type { Sock } from './sock.ts';

/**
 * A call enters the socket: until {@link releaseSock}, packets for it wait in its backlog. Does not nest.
 *
 * @kernel net/core/sock.c lock_sock_nested()
 */
export function lockSock(sk: Sock): void {
  sk.ownedByUser = true;
}

/**
 * The call leaves the socket: what waited in the backlog is processed, then what timers and softirqs put off.
 *
 * @kernel net/core/sock.c release_sock()
 */
export function releaseSock(sk: Sock): void {
  // What is sent meanwhile may bring answers at once, over the loopback device.
  do {
    if (sk.backlog !== null) processBacklog(sk, sk.backlog);
    sk.releaseCb();
  } while (sk.backlog !== null && !sk.backlog.empty);
  sk.ownedByUser = false;
}

/** @kernel net/core/sock.c __release_sock() */
function processBacklog(sk: Sock, backlog: SkbQueue): void {
  for (let skb = backlog.shift(); skb !== null; skb = backlog.shift()) sk.backlogRcv(skb);
  sk.backlogLen = 0;
}

/**
 * Puts a packet into the backlog of a socket that a call is inside of. False when backlog and receive queue together
 * hold more than `limit` bytes of truesize: then it stays with the caller, who drops it with SOCKET_BACKLOG.
 *
 * @kernel include/net/sock.h sk_add_backlog()
 */
export function skAddBacklog(sk: Sock, skb: SkBuff, limit: number): boolean {
  if (sk.backlogLen + sk.rmemAlloc > limit) return false;
  sk.backlog ??= new SkbQueue();
  sk.backlog.push(skb);
  sk.backlogLen += skb.truesize;
  return true;
}
