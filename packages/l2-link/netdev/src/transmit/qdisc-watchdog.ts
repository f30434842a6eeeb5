import type { Nanoseconds } from '@stack/clock';
import { Hrtimer } from '@stack/softirq';
import type { Qdisc } from './qdisc.ts';
import { __netifSchedule } from './schedule.ts';

/**
 * Runs a discipline again when its next packet may leave; for those that shape or pace. What runs is the discipline
 * at the root, which asks those below.
 *
 * @kernel net/sched/sch_api.c qdisc_watchdog_init()
 */
export class QdiscWatchdog {
  readonly #timer: Hrtimer;

  constructor(qdisc: Qdisc) {
    this.#timer = new Hrtimer(qdisc.queue.dev.core.cpus.boot, () => {
      const root = qdisc.queue.qdisc;
      if (root !== null) __netifSchedule(root);
    });
  }

  /** At an absolute time, ns; a time in the past is at once. @kernel net/sched/sch_api.c qdisc_watchdog_schedule_ns() */
  schedule(at: Nanoseconds): void {
    if (this.#timer.armed && this.#timer.expires === at) return;
    this.#timer.start(at);
  }

  /**
   * The same, but what is armed for a time up to `slack` ns later stays as it is.
   *
   * @kernel net/sched/sch_api.c qdisc_watchdog_schedule_range_ns()
   */
  scheduleRange(at: Nanoseconds, slack: Nanoseconds): void {
    const { armed, expires } = this.#timer;
    if (armed && expires >= at && expires - at <= slack) return;
    this.#timer.start(at);
  }

  /** From the discipline's `reset` and `destroy`. */
  cancel(): void {
    this.#timer.cancel();
  }
}
