import { DropReason, type SkBuff } from '@stack/skb';
import { EPOLLIN, skbSetOwnerR, skFilter, skRmemSchedule } from '@stack/sock';
import { HEADER, type PostOffice } from './post-office.ts';
import type { PostcardSock } from './sock.ts';

/** A postcard from IP, `data` at its header. Owns the skb. */
export function postcardRcv(office: PostOffice, skb: SkBuff): number {
  if (!skb.mayPull(HEADER)) {
    skb.drop(DropReason.PKT_TOO_SMALL);
    return 0;
  }
  const sk = office.at(skb.u16(2));
  if (sk === undefined) skb.drop(DropReason.NO_SOCKET);
  else queue(sk, skb);
  return 0;
}

/** Into the socket, if its filter and its budget allow. */
export function queue(sk: PostcardSock, skb: SkBuff): void {
  if (!skFilter(sk, skb, HEADER)) return refuse(sk, skb, DropReason.SOCKET_FILTER);
  if (sk.rmemAlloc > sk.rcvbuf || !skRmemSchedule(sk, skb.truesize)) return refuse(sk, skb, DropReason.SOCKET_RCVBUFF);
  skb.dst = null; // routes are not to be kept
  skbSetOwnerR(skb, sk);
  sk.receiveQueue.push(skb);
  sk.wake(EPOLLIN);
}

function refuse(sk: PostcardSock, skb: SkBuff, reason: number): void {
  sk.drops++;
  skb.drop(reason);
}
