import { EADDRINUSE, EINVAL } from '@stack/plugin';
import { inetCskGetPort, inetListenInsert, TCP_CLOSE, TCP_LISTEN } from '@stack/sock';
import { inetCskDestroySock } from '../close/done.ts';
import { tcpSetState } from '../close/set-state.ts';
import { fastopenAtListen } from '../fastopen/options.ts';
import { tcpSendActiveReset } from '../output/send-fin.ts';
import type { TcpSock } from '../sock.ts';
import { dropRequest, RequestQueue } from './request-queue.ts';

/** Begins to listen, or changes the backlog of a listener. 0 or a negative errno. @kernel net/ipv4/inet_connection_sock.c inet_csk_listen_start() */
export function inetCskListenStart(sk: TcpSock, backlog: number): number {
  if (sk.state === TCP_LISTEN) {
    sk.requests!.backlog = backlog;
    return 0;
  }
  if (sk.state !== TCP_CLOSE) return -EINVAL;
  fastopenAtListen(sk, backlog);
  if (inetCskGetPort(sk.tcp.hashinfo, sk, sk.bindBucket?.port ?? 0) !== 0) return -EADDRINUSE;
  sk.boundPort = sk.bindBucket!.port;
  sk.requests = new RequestQueue(backlog);
  tcpSetState(sk, TCP_LISTEN);
  sk.dstCache = null;
  inetListenInsert(sk.tcp.hashinfo, sk);
  return 0;
}

/** Lets go of all that waits at a listener: connections nobody accepted are reset. @kernel net/ipv4/inet_connection_sock.c inet_csk_listen_stop() */
export function inetCskListenStop(sk: TcpSock): void {
  const queue = sk.requests!;
  for (const request of [...queue.all]) dropRequest(request);
  for (let child = queue.shift(); child !== null; child = queue.shift()) {
    if (child.state !== TCP_CLOSE) {
      tcpSendActiveReset(child);
      tcpSetState(child, TCP_CLOSE);
    }
    child.dead = true;
    inetCskDestroySock(child);
  }
}
