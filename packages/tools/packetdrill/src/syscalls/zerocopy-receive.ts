import { EINVAL, EIO, ENOTCONN } from '@stack/plugin';
import { MSG_DONTWAIT, TCP_LISTEN, type Sock } from '@stack/sock';
import { FIONREAD } from '@stack/socket';
import { cb, TcpSock } from '@stack/tcp';
import type { Expression } from '../language/script.ts';
import { scratch } from './bytes.ts';
import type { Arguments } from './arguments.ts';
import { PAGE } from './mapping.ts';
import type { Outcome } from './outcome.ts';
import { socketsOf } from './sockets.ts';
import { numberField, numberOf } from './values.ts';

/** Behind `length`, without which the structure means nothing. @kernel include/uapi/linux/tcp.h struct tcp_zerocopy_receive */
const LEAST = 12;

/**
 * getsockopt(TCP_ZEROCOPY_RECEIVE): `{address=0, length=4096, copybuf_address=..., copybuf_len=100, recv_skip_hint=0,
 * inq=0, err=0}`. What a tun device brings are never whole pages, so that nothing is ever mapped: bytes are copied into
 * the buffer as far as it goes, and how many remain for `recv` is in the hint.
 *
 * @kernel net/ipv4/tcp.c tcp_zerocopy_receive()
 */
export function zerocopyReceive(args: Arguments, request: Expression): Outcome {
  const { line, session } = args;
  const file = socketsOf(args).fileOf(args.fd(0));
  if (typeof file === 'number') return { result: file };
  const address = numberField(request, 'address', line, 0);
  if (numberOf(args.item(4), line) < LEAST || address % PAGE !== 0) return { result: -EINVAL };
  if (file.sk?.state === TCP_LISTEN) return { result: -ENOTCONN };
  const inq = file.ioctl(FIONREAD);
  const room = numberField(request, 'copybuf_len', line, 0);
  const isMapped = session.mappings.has(address);
  let hint = inq;
  if (inq >= PAGE && inq > room) {
    if (!isMapped) return { result: -EINVAL };
    hint = firstPacket(file.sk, inq);
  } else if (inq === 0 && file.recv(scratch(1), 0, 1, MSG_DONTWAIT) === 0) return { result: -EIO };
  // Less than a page is copied only if all of it fits.
  const copied = inq <= room ? inq : inq >= PAGE ? Math.min(room, hint) : 0;
  if (copied > 0) {
    const got = file.recv(scratch(copied), 0, copied, MSG_DONTWAIT);
    if (got < 0) return { result: got };
  }
  const seen = { recv_skip_hint: hint - copied, inq: file.ioctl(FIONREAD), err: 0 };
  const problems = Object.entries(seen).flatMap(([name, value]) => {
    const wanted = numberField(request, name, line, value);
    return wanted === value ? [] : [`expected ${name} ${wanted}, saw ${value}`];
  });
  return { result: 0, problems };
}

/** What is left of the oldest packet. */
function firstPacket(sk: Sock | null, inq: number): number {
  if (!(sk instanceof TcpSock)) return inq;
  const { first } = sk.receiveQueue;
  return first === null ? inq : first.len - ((sk.rcv.copiedSeq - first.cb[cb.SEQ]) | 0);
}
