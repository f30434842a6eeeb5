import { EAGAIN, EINVAL, ENOTCONN } from '@stack/plugin';
import { MSG_OOB, MSG_PEEK, MSG_TRUNC, RCV_SHUTDOWN, TCP_CLOSE, type MsgHdr } from '@stack/sock';
import { tcpFastPathCheck } from '../input/fast-path.ts';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';
import { TCP_URG_READ, TCP_URG_VALID, type UrgentState } from './state.ts';

/** Reads the urgent byte out of band. How many bytes were taken, or a negative errno. @kernel net/ipv4/tcp.c tcp_recv_urg() */
export function tcpRecvUrg(
  sk: TcpSock,
  into: Uint8Array,
  offset: number,
  length: number,
  flags: number,
  msg: MsgHdr | null,
): number {
  const { urgent } = sk;
  if (urgent === null || sk.settings.oobInline || urgent.data === 0 || urgent.data === TCP_URG_READ) return -EINVAL;
  if (sk.state === TCP_CLOSE && !sk.done) return -ENOTCONN;
  if ((urgent.data & TCP_URG_VALID) === 0)
    return sk.state === TCP_CLOSE || (sk.shutdown & RCV_SHUTDOWN) !== 0 ? 0 : -EAGAIN;
  const byte = urgent.data & 0xff;
  if ((flags & MSG_PEEK) === 0) urgent.data = TCP_URG_READ;
  if (msg !== null) msg.flags |= length > 0 ? MSG_OOB : MSG_OOB | MSG_TRUNC;
  if (length === 0) return 0;
  if ((flags & MSG_TRUNC) === 0) into[offset] = byte;
  return 1;
}

/** The reader is past the urgent byte: it is as if there had been none. */
export function urgentPassed(sk: TcpSock, urgent: UrgentState): void {
  if (urgent.data === 0 || !after(sk.rcv.copiedSeq, urgent.seq)) return;
  urgent.data = 0;
  tcpFastPathCheck(sk);
}
