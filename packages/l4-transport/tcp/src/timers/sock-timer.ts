import { WheelTimer, type TimerWheel } from '@stack/softirq';
import type { TcpSock } from '../sock.ts';

/** A timer of a socket. It knows its socket, so that all of a kind share one function. */
export class SockTimer extends WheelTimer {
  readonly sk: TcpSock;

  constructor(wheel: TimerWheel, sk: TcpSock, expired: (this: SockTimer) => void) {
    super(wheel, expired as () => void);
    this.sk = sk;
  }
}
