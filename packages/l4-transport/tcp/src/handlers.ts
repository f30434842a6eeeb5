import { tcpStreamMemoryFree } from './api/poll.ts';
import { reqskTimerHandler } from './listen/request-timer.ts';
import { tcpReleaseCb } from './output/release-cb.ts';
import type { TcpHandlers } from './protocol.ts';
import { tcpV4DoRcv } from './receive/do-rcv.ts';
import { tcpCompressedAckKick, tcpDelackTimer, tcpWriteTimer } from './timers/handlers.ts';
import { tcpKeepaliveTimer } from './timers/keepalive.ts';
import { inetTwskKill } from './timewait/time-wait.ts';

/** What lower files call upwards. */
export const tcpHandlers: TcpHandlers = {
  doRcv: tcpV4DoRcv,
  releaseCb: tcpReleaseCb,
  streamMemoryFree: tcpStreamMemoryFree,
  writeTimer: tcpWriteTimer,
  delackTimer: tcpDelackTimer,
  keepaliveTimer: tcpKeepaliveTimer,
  compressedAckTimer: tcpCompressedAckKick,
  requestTimer: reqskTimerHandler,
  timewaitTimer: inetTwskKill,
};
