import type { SkBuff } from '@stack/skb';
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
    if (sk.backlogFirst !== null) processBacklog(sk);
    sk.releaseCb();
  } while (sk.backlogFirst !== null);
  sk.ownedByUser = false;
}

/** @kernel net/core/sock.c __release_sock() */
function processBacklog(sk: Sock): void {
  for (let skb = sk.backlogFirst; skb !== null; skb = sk.backlogFirst) {
    sk.backlogFirst = skb.next;
    if (sk.backlogFirst === null) sk.backlogLast = null;
    skb.next = null;
    sk.backlogRcv(skb);
  }
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
  skb.next = null;
  if (sk.backlogLast === null) sk.backlogFirst = skb;
  else sk.backlogLast.next = skb;
  sk.backlogLast = skb;
  sk.backlogLen += skb.truesize;
  return true;
}
