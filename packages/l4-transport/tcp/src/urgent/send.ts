import { tcp as th } from '@stack/skb';
import type { Address } from '@stack/memory';
import { after, before } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { urgentOf, type UrgentState } from './state.ts';

/** The last byte written so far is urgent. @kernel net/ipv4/tcp.c tcp_mark_urg() */
export function tcpMarkUrg(sk: TcpSock): void {
  const urgent = urgentOf(sk);
  urgent.sndUp = sk.snd.writeSeq;
  urgent.sending = true;
}

/** Bytes up to `ack` have arrived: perhaps the urgent one is among them. */
export function urgentAcked(urgent: UrgentState, ack: number): void {
  if (urgent.sending && !after(urgent.sndUp, ack)) urgent.sending = false;
}

/** Points from the header at `at`, of a segment that begins at `seq`, to the urgent byte; as far as 16 bits reach. @kernel net/ipv4/tcp_output.c __tcp_transmit_skb() @rfc 9293 3.8.5 */
export function writeUrgentPointer(sk: TcpSock, view: DataView, at: Address, seq: number): void {
  const { sndUp } = sk.urgent!;
  if (!before(seq, sndUp)) return;
  if (before(sndUp, (seq + 0x10000) | 0)) view.setUint16(at + 18, sndUp - seq);
  else if (after((seq + 0xffff) | 0, sk.snd.nxt)) view.setUint16(at + 18, 0xffff);
  else return;
  view.setUint8(at + 13, view.getUint8(at + 13) | th.URG);
}
