import { ECONNRESET } from '@stack/plugin';
import { DropReason } from '@stack/skb';
import {
  lockSock,
  releaseSock,
  SOCK_BINDADDR_LOCK,
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT1,
  TCP_FIN_WAIT2,
  TCP_LAST_ACK,
  TCP_LISTEN,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
} from '@stack/sock';
import { reqskFastopenRemove } from '../fastopen/remove.ts';
import { inetCskListenStop } from '../listen/listen-start.ts';
import { tcpSendActiveReset } from '../output/send-fin.ts';
import type { TcpSock } from '../sock.ts';
import { AckState, CongestionState, OptionState, ReceiveState, RttState, SendState } from '../state.ts';
import { clearXmitTimers } from '../timers/arm.ts';
import { tcpWriteQueuePurge } from './done.ts';
import { tcpSetState } from './set-state.ts';

const NEEDS_RESET =
  (1 << TCP_ESTABLISHED) | (1 << TCP_CLOSE_WAIT) | (1 << TCP_FIN_WAIT1) | (1 << TCP_FIN_WAIT2) | (1 << TCP_SYN_RECV);

/** Ends the connection at once; the socket may be used for another one. Returns 0. @kernel net/ipv4/tcp.c tcp_disconnect() */
export function tcpDisconnect(sk: TcpSock): number {
  const { boot } = sk.tcp.cpus;
  boot.localBhDisable();
  lockSock(sk);
  sk.tcp.refresh();
  tcpDisconnectLocked(sk);
  releaseSock(sk);
  boot.localBhEnable();
  return 0;
}

/** The same, with the socket held. */
export function tcpDisconnectLocked(sk: TcpSock): void {
  const { state, snd } = sk;
  const closing = state === TCP_CLOSING || state === TCP_LAST_ACK;
  if (state === TCP_LISTEN) {
    tcpSetState(sk, TCP_CLOSE);
    inetCskListenStop(sk);
  } else if ((NEEDS_RESET & (1 << state)) !== 0 || (snd.nxt !== snd.writeSeq && closing)) {
    tcpSendActiveReset(sk);
    sk.err = ECONNRESET;
  } else if (state === TCP_SYN_SENT) {
    sk.err = ECONNRESET;
  }
  if (sk.state !== TCP_CLOSE) tcpSetState(sk, TCP_CLOSE);
  forget(sk);
}

/** As new, but for what the user set. */
function forget(sk: TcpSock): void {
  const { una, nxt, writeSeq, maxWnd, nonagle, mss } = sk.snd;
  clearXmitTimers(sk);
  reqskFastopenRemove(sk, false);
  sk.fastOpen = null;
  sk.urgent = null;
  sk.mtup = null;
  sk.receiveQueue.dropAll(DropReason.SOCKET_CLOSE);
  tcpWriteQueuePurge(sk);
  sk.disorder?.ofo.dropAll(DropReason.SOCKET_CLOSE);
  sk.disorder = null;
  sk.ecn = null;
  sk.cc.ops.release?.(sk);
  Object.assign(sk.snd, new SendState());
  Object.assign(sk.rcv, new ReceiveState());
  Object.assign(sk.ack, new AckState());
  Object.assign(sk.rtt, new RttState());
  Object.assign(sk.cc, new CongestionState(sk.cc.ops));
  sk.forgetFlight();
  Object.assign(sk.opt, new OptionState());
  Object.assign(sk.snd, { una, nxt, nonagle, mss });
  // Another connection to the same peer must not take up old numbers.
  sk.snd.writeSeq = (writeSeq + maxWnd + 2) | 0 || 1;
  sk.predFlags = 0;
  sk.probesOut = 0;
  sk.probesTstamp = 0;
  sk.shutdown = 0;
  sk.done = false;
  sk.daddr = 0;
  sk.dport = 0;
  sk.dstCache = null;
  if ((sk.userlocks & SOCK_BINDADDR_LOCK) === 0) sk.saddr = sk.rcvSaddr = 0;
  if (sk.bindBucket === null) sk.boundPort = 0;
}
