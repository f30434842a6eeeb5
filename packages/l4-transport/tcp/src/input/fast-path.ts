import { tcp as th } from '@stack/skb';
import { ACE_MASK, accurateOf, CEP_INIT_OFFSET } from '../ecn/accurate-state.ts';
import type { TcpSock } from '../sock.ts';

/** Bytes 12 to 15 of a header, without the reserved bits and PSH. @kernel net/ipv4/tcp_input.c TCP_HP_BITS */
export const TCP_HP_BITS = ~(0x0e000000 | (th.PSH << 16));

/** Predicts the next header: no options but time stamps, ACK alone, counts of congestion marks and the window unchanged. @kernel include/net/tcp.h __tcp_fast_path_on() */
export function tcpFastPathOn(sk: TcpSock): void {
  const { snd } = sk;
  const ace = accurateOf(sk) === null ? 0 : (sk.ecn!.deliveredCe + CEP_INIT_OFFSET) & ACE_MASK;
  sk.predFlags = (snd.headerLen << 26) | (ace << 22) | (th.ACK << 16) | (snd.wnd >>> snd.wscale);
}

/** @kernel include/net/tcp.h tcp_fast_path_check() */
export function tcpFastPathCheck(sk: TcpSock): void {
  if (sk.urgent !== null && sk.urgent.data !== 0) return;
  if (!sk.hasHoles && sk.rcv.wnd !== 0 && sk.rmemAlloc < sk.rcvbuf) tcpFastPathOn(sk);
}
