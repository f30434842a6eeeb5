import { sockSetRcvbuf, sockSetSndbuf } from '@stack/sock';
import type { TcpSock } from '@stack/tcp';
import type { SocketOption } from '../scenario/scenario.ts';

const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;
const SO_MAX_PACING_RATE = 47;
const IPPROTO_TCP = 6;
const LARGEST = 212_992;

/** As the socket layer does it. */
export function setOption(sk: TcpSock, option: SocketOption): void {
  switch (option.kind) {
    case 'tcp':
      sk.proto.setsockopt(sk, IPPROTO_TCP, option.name, option.value);
      return;
    case 'sndbuf':
      return sockSetSndbuf(sk, option.value, LARGEST);
    case 'rcvbuf':
      return sockSetRcvbuf(sk, option.value, LARGEST);
    case 'pacing':
      sk.proto.setsockopt(sk, SOL_SOCKET, SO_MAX_PACING_RATE, option.value);
      return;
    case 'keepalive':
      sk.change({ keepOpen: true, keepaliveTime: 300, keepaliveIntvl: 200, keepaliveProbes: 3 });
      sk.proto.setsockopt(sk, SOL_SOCKET, SO_KEEPALIVE, 1);
      return;
    case 'linger':
      sk.change({ linger: 0 });
  }
}

export function setCongestion(sk: TcpSock, name: string): void {
  const TCP_CONGESTION = 13;
  sk.proto.setsockopt(
    sk,
    IPPROTO_TCP,
    TCP_CONGESTION,
    Uint8Array.from(name, (c) => c.charCodeAt(0)),
  );
}
