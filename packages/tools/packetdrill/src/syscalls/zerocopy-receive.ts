import { EINVAL, EIO, ENOTCONN } from '@stack/plugin';
import { MSG_DONTWAIT, TCP_LISTEN } from '@stack/sock';
import { FIONREAD } from '@stack/socket';
import type { Expression } from '../language/script.ts';
import { scratch } from './bytes.ts';
import type { Arguments } from './arguments.ts';
import type { Outcome } from './outcome.ts';
import { socketsOf } from './sockets.ts';
import { numberField, numberOf } from './values.ts';

const PAGE = 4096;
/** Behind `length`, without which the structure means nothing. @kernel include/uapi/linux/tcp.h struct tcp_zerocopy_receive */
const LEAST = 12;

/**
 * getsockopt(TCP_ZEROCOPY_RECEIVE): `{address=0, length=4096, copybuf_address=..., copybuf_len=100, recv_skip_hint=0,
 * inq=0, err=0}`. No memory of the host can be mapped, so that only the buffer to copy into is ever filled; what remains
 * for `recv` is in the hint.
 *
 * @kernel net/ipv4/tcp.c tcp_zerocopy_receive()
 */
export function zerocopyReceive(args: Arguments, request: Expression): Outcome {
  const { line } = args;
  const file = socketsOf(args).fileOf(args.fd(0));
  if (typeof file === 'number') return { result: file };
  if (numberOf(args.item(4), line) < LEAST || numberField(request, 'address', line, 0) % PAGE !== 0)
    return { result: -EINVAL };
  if (file.sk?.state === TCP_LISTEN) return { result: -ENOTCONN };
  const inq = file.ioctl(FIONREAD);
  const room = numberField(request, 'copybuf_len', line, 0);
  let hint = inq;
  if (inq > 0 && inq <= room) {
    const got = file.recv(scratch(inq), 0, inq, MSG_DONTWAIT);
    if (got < 0) return { result: got };
    hint = 0;
  } else if (inq >= PAGE) return { result: -EINVAL };
  else if (inq === 0 && file.recv(scratch(1), 0, 1, MSG_DONTWAIT) === 0) return { result: -EIO };
  const seen = { recv_skip_hint: hint, inq: file.ioctl(FIONREAD), err: 0 };
  const problems = Object.entries(seen).flatMap(([name, value]) => {
    const wanted = numberField(request, name, line, value);
    return wanted === value ? [] : [`expected ${name} ${wanted}, saw ${value}`];
  });
  return { result: 0, problems };
}
