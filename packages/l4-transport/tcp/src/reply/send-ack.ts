import { tcp as th, type SkBuff } from '@stack/skb';
import { Tcp } from '../mib.ts';
import type { TcpProtocol } from '../protocol.ts';
import { MD5_OPTION } from '../md5/sign.ts';
import { headerOf, send, sign } from './send-reset.ts';

const TIMESTAMP_WORD = (1 << 24) | (1 << 16) | (8 << 8) | 10;
const TIMESTAMP_LENGTH = 12;

/** What an ACK says that no full socket sends. One object serves all. */
export interface BareAck {
  seq: number;
  ackSeq: number;
  /** As on the wire. */
  window: number;
  /** Time stamps, if `stamped`. */
  stamped: boolean;
  tsval: number;
  tsecr: number;
  tos: number;
  /** What to sign with, if the peer shares a key. */
  md5Key: Uint8Array | null;
}

/** An ACK from a connection in TIME_WAIT or one that is just being made, back where `skb` came from. @kernel net/ipv4/tcp_ipv4.c tcp_v4_send_ack() */
export function tcpV4SendAck(tcp: TcpProtocol, skb: SkBuff, ack: BareAck): void {
  const signature = ack.md5Key === null ? 0 : MD5_OPTION;
  const length = th.LENGTH + signature + (ack.stamped ? TIMESTAMP_LENGTH : 0);
  const reply = headerOf(tcp, skb, length);
  if (reply === null) return;
  th.setSeq(reply, ack.seq);
  th.setAckSeq(reply, ack.ackSeq);
  th.setLengthAndFlags(reply, length, th.ACK);
  th.setWindow(reply, ack.window);
  if (ack.stamped) {
    const { view } = reply.arena;
    const at = reply.transportHeader + th.LENGTH + signature;
    view.setInt32(at, TIMESTAMP_WORD);
    view.setInt32(at + 4, ack.tsval);
    view.setInt32(at + 8, ack.tsecr);
  }
  if (ack.md5Key !== null) sign(skb, reply, ack.md5Key);
  send(tcp, skb, reply, ack.tos);
  tcp.mib.tcp[Tcp.OutSegs]++;
}
