import { TCP_TIMEOUT_INIT } from '../constants.ts';
import type { TcpRequestSock } from './request-sock.ts';

/** How often SYN-ACK times out within so many seconds. Times in jiffies, if not said otherwise. @kernel net/ipv4/tcp.c secs_to_retrans() */
export function secsToRetrans(seconds: number, rtoMax: number): number {
  let [count, timeout, period] = [0, TCP_TIMEOUT_INIT, 0];
  while (seconds * 1000 > period && count < 255) {
    period += timeout;
    timeout = Math.min(timeout * 2, rtoMax);
    count++;
  }
  return count;
}

/** The opposite, in seconds. @kernel net/ipv4/tcp.c retrans_to_secs() */
export function retransToSecs(count: number, rtoMax: number): number {
  let [timeout, period] = [TCP_TIMEOUT_INIT, 0];
  for (let i = 0; i < count; i++) {
    period += timeout;
    timeout = Math.min(timeout * 2, rtoMax);
  }
  return period / 1000;
}

/** The last ACK came without data, and the application wants to hear of the connection with its first data. */
export function waitsForData(request: TcpRequestSock, bare: boolean): boolean {
  return bare && request.timeouts < request.listener.settings.deferAccept;
}

/** Whether a request whose timer expired is given up. @kernel net/ipv4/inet_connection_sock.c syn_ack_recalc() */
export function hasExpired(request: TcpRequestSock, retries: number): boolean {
  const { deferAccept } = request.listener.settings;
  if (request.timeouts < retries) return false;
  return deferAccept === 0 || !request.acked || request.timeouts >= deferAccept;
}

/** Whether SYN-ACK goes out again; not to a peer who answered and owes data, until the time is nearly up. */
export function shouldResend(request: TcpRequestSock): boolean {
  const { deferAccept } = request.listener.settings;
  return deferAccept === 0 || !request.acked || request.timeouts >= deferAccept - 1;
}
