import { EINVAL, ENOPROTOOPT } from '@stack/plugin';
import type { Sock, SocketFilter } from '@stack/sock';
import { SO_ATTACH_FILTER, SOL_IP, SOL_SOCKET } from './constants.ts';
import { getIpOption, setIpOption } from './ip-options.ts';
import { getSocketOption, setFilter, setSocketOption } from './sol-socket.ts';
import type { SocketContext } from './socket-context.ts';

export type OptionValue = number | Uint8Array | SocketFilter;

/**
 * 0 or a negative errno. What neither the socket nor IP knows goes to the protocol.
 *
 * @kernel net/socket.c do_sock_setsockopt()
 */
export function setOption(context: SocketContext, sk: Sock, level: number, name: number, value: OptionValue): number {
  if (typeof value === 'function') {
    return level === SOL_SOCKET && name === SO_ATTACH_FILTER ? setFilter(sk, value) : -EINVAL;
  }
  if (level === SOL_SOCKET) return setSocketOption(context, sk, name, value);
  const result = level === SOL_IP ? setIpOption(sk, name, value) : -ENOPROTOOPT;
  return result === -ENOPROTOOPT ? sk.proto.setsockopt(sk, level, name, value) : result;
}

/** The value, or a negative errno. @kernel net/socket.c do_sock_getsockopt() */
export function getOption(context: SocketContext, sk: Sock, level: number, name: number): number | Uint8Array {
  if (level === SOL_SOCKET) return getSocketOption(context, sk, name);
  const result = level === SOL_IP ? getIpOption(sk, name) : -ENOPROTOOPT;
  return result === -ENOPROTOOPT ? sk.proto.getsockopt(sk, level, name) : result;
}
