import { tcp as th, type SkBuff } from '@stack/skb';
import type { TcpSock } from '../sock.ts';
import type { TcpRequestSock } from './request-sock.ts';

/** TCP_SAVE_SYN: from Ethernet on. */
const WITH_LINK = 2;

/** Keeps a SYN's headers for the application, if it wants them. @kernel net/ipv4/tcp_input.c tcp_reqsk_record_syn() */
export function tcpReqskRecordSyn(sk: TcpSock, request: TcpRequestSock, skb: SkBuff): void {
  const { saveSyn } = sk.settings;
  if (saveSyn === 0) return;
  const from = saveSyn === WITH_LINK ? skb.macHeader : skb.networkHeader;
  request.savedSyn = skb.arena.u8.slice(from, skb.transportHeader + th.headerLength(skb));
}

/** The headers of the SYN that began the connection, once; empty when they were not kept or were asked for already. @kernel net/ipv4/tcp.c do_tcp_getsockopt() */
export function takeSavedSyn(sk: TcpSock): Uint8Array {
  const { savedSyns } = sk.tcp;
  const saved = savedSyns.get(sk) ?? new Uint8Array(0);
  savedSyns.delete(sk);
  return saved;
}
