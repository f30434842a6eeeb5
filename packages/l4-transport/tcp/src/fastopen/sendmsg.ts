import { EALREADY, EINPROGRESS, EINVAL, EISCONN, EOPNOTSUPP } from '@stack/plugin';
import { TCP_CLOSE, TCP_SYN_RECV, TCP_SYN_SENT, type MsgHdr, type ZerocopyCalls } from '@stack/sock';
import { tcpSetState } from '../close/set-state.ts';
import { connectLocked, tcpConnect } from '../connect/connect.ts';
import type { TcpSock } from '../sock.ts';
import { TFO_CLIENT_ENABLE } from './bits.ts';
import { fastOpenOf, FastOpenRequest } from './state.ts';

/**
 * Connects (with MSG_FASTOPEN to `msg`'s peer, else as `connect` said) and lets the SYN take data along. How many bytes
 * it took, `-EINPROGRESS` when none, or another negative errno.
 *
 * @kernel net/ipv4/tcp.c tcp_sendmsg_fastopen()
 */
export function tcpSendmsgFastopen(
  sk: TcpSock,
  bytes: Uint8Array,
  offset: number,
  length: number,
  msg: MsgHdr | null,
  calls: ZerocopyCalls | null,
): number {
  if ((sk.tcp.sysctl.tcp_fastopen & TFO_CLIENT_ENABLE) === 0) return -EOPNOTSUPP;
  const state = fastOpenOf(sk);
  if (sk.state !== TCP_CLOSE && !state.deferred)
    return sk.state === TCP_SYN_SENT || sk.state === TCP_SYN_RECV ? -EALREADY : -EISCONN;
  const peer = msg !== null && (msg.address !== 0 || msg.port !== 0) ? msg : null;
  if (peer === null && !state.deferred) return -EINVAL;
  const active = new FastOpenRequest();
  Object.assign(active, { bytes, offset, size: length, calls });
  state.active = active;
  const err = peer === null || state.deferred ? connectNow(sk) : connectLocked(sk, peer.address, peer.port);
  state.deferred = false;
  state.active = null;
  return err < 0 ? err : active.copied || -EINPROGRESS;
}

/** `connect` has chosen route and port already. */
function connectNow(sk: TcpSock): number {
  const err = tcpConnect(sk);
  if (err === 0) return 0;
  tcpSetState(sk, TCP_CLOSE);
  sk.dport = 0;
  return err;
}
