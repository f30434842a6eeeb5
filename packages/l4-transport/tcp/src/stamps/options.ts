import { EINVAL, ENOPROTOOPT } from '@stack/plugin';
import { errorQueueOf, TCP_CLOSE, TCP_LISTEN } from '@stack/sock';
import type { TcpSock } from '../sock.ts';

const SO_TIMESTAMPING = 37;
const SO_ZEROCOPY = 60;

/** What SO_TIMESTAMPING may ask for. @kernel include/uapi/linux/net_tstamp.h SOF_TIMESTAMPING_TX_ACK */
export const SOF_TIMESTAMPING_TX_SOFTWARE = 1 << 1;
export const SOF_TIMESTAMPING_SOFTWARE = 1 << 4;
export const SOF_TIMESTAMPING_OPT_ID = 1 << 7;
export const SOF_TIMESTAMPING_TX_SCHED = 1 << 8;
export const SOF_TIMESTAMPING_TX_ACK = 1 << 9;
export const SOF_TIMESTAMPING_OPT_TSONLY = 1 << 11;
export const SOF_TIMESTAMPING_OPT_ID_TCP = 1 << 16;
const SOF_TIMESTAMPING_MASK = (1 << 19) - 1;

/** Options of SOL_SOCKET that TCP has a part in. @kernel net/core/sock.c sk_setsockopt() */
export function setSocketLevel(sk: TcpSock, name: number, value: number | Uint8Array): number {
  if (typeof value !== 'number' || (name !== SO_TIMESTAMPING && name !== SO_ZEROCOPY)) return -ENOPROTOOPT;
  if (name === SO_TIMESTAMPING) return sockSetTimestamping(sk, value);
  if (value !== 0 && value !== 1) return -EINVAL;
  sk.change({ zerocopy: value === 1 });
  return 0;
}

export function getSocketLevel(sk: TcpSock, name: number): number {
  if (name === SO_TIMESTAMPING) return sk.settings.timestamping;
  return name === SO_ZEROCOPY ? Number(sk.settings.zerocopy) : -ENOPROTOOPT;
}

/** With OPT_ID, stamps are numbered by bytes from now on. @kernel net/core/sock.c sock_set_timestamping() */
function sockSetTimestamping(sk: TcpSock, flags: number): number {
  if ((flags & ~SOF_TIMESTAMPING_MASK) !== 0) return -EINVAL;
  const wantsId = (flags & SOF_TIMESTAMPING_OPT_ID) !== 0;
  const fromWritten = (flags & SOF_TIMESTAMPING_OPT_ID_TCP) !== 0;
  if (fromWritten && !wantsId) return -EINVAL;
  if (wantsId && (sk.settings.timestamping & SOF_TIMESTAMPING_OPT_ID) === 0) {
    if (sk.state === TCP_CLOSE || sk.state === TCP_LISTEN) return -EINVAL;
    errorQueueOf(sk).stampKey = fromWritten ? sk.snd.writeSeq : sk.snd.una;
  }
  sk.change({ timestamping: flags });
  return 0;
}
