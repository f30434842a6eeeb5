import { Hrtimer } from '@stack/softirq';
import { tsqSchedule } from '../output/tsq.ts';
import type { TcpSock } from '../sock.ts';

/** When a paced socket may send next. One that sends as it likes has none. */
export class PacingState {
  /** The queueing discipline below holds packets until they are due; else a timer holds the socket. @kernel include/net/sock.h SK_PACING_FQ */
  byQdisc: boolean;
  /** Earliest departure of the next packet, in nanoseconds. */
  departure = 0;
  #timer: Hrtimer | null = null;

  constructor(byQdisc: boolean) {
    this.byQdisc = byQdisc;
  }

  /** Wakes the socket at its time. @kernel net/ipv4/tcp_output.c tcp_pace_kick() */
  arm(sk: TcpSock): void {
    this.#timer ??= new Hrtimer(sk.tcp.cpus.boot, () => tsqSchedule(sk));
    if (!this.#timer.armed) this.#timer.start(this.departure);
  }

  cancel(): void {
    this.#timer?.cancel();
  }
}

/** Paced by our own timer from now on, unless somebody paces already. @kernel include/net/sock.h SK_PACING_NEEDED */
export function needPacing(sk: TcpSock): void {
  sk.pacing ??= new PacingState(false);
}
