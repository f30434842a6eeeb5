import { SO_ERROR, SO_KEEPALIVE, SOL_SOCKET, type SocketFile } from '@stack/socket';
import { IPPROTO_TCP } from '@stack/ipv4';
import { TCP_KEEPIDLE, TCP_NODELAY } from '@stack/tcp';

export function setNoDelay(file: SocketFile, on: boolean): void {
  file.setOption(IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0);
}

/** `initialDelay` in milliseconds; 0 leaves the host's default. */
export function setKeepAlive(file: SocketFile, on: boolean, initialDelay: number): void {
  file.setOption(SOL_SOCKET, SO_KEEPALIVE, on ? 1 : 0);
  const seconds = Math.floor(initialDelay / 1000);
  if (on && seconds > 0) file.setOption(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
}

/** The error that waits at the socket, as a negative errno, or 0. It is told once. */
export function takeError(file: SocketFile): number {
  return -(file.getOption(SOL_SOCKET, SO_ERROR) as number);
}
