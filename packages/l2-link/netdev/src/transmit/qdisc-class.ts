import type { Qdisc } from './qdisc.ts';

/** What a class counts, as `tc -s class` shows it. @kernel include/net/gen_stats.h */
export interface QdiscClassStats {
  readonly packets: number;
  readonly bytes: number;
  readonly drops: number;
  readonly overlimits: number;
  readonly qlen: number;
  readonly backlog: number;
}

/** One class of a discipline. @kernel include/net/sch_generic.h struct Qdisc_class_common */
export interface QdiscClass {
  /** Major number of its discipline, minor of its own: 0x10010 is 1:10. */
  readonly classid: number;
  /** The class above it, or the discipline (its handle, 1:). */
  readonly parent: number;
  /** The discipline in which its packets wait; null for a class that has classes below. */
  readonly qdisc: Qdisc | null;
  readonly stats: QdiscClassStats;
  /** Options in use, as `tc class show` prints them. */
  dump?(): Record<string, unknown>;
  /** What there is to tell beyond the common counters. */
  xstats?(): Record<string, unknown>;
}

/**
 * The classes of a discipline. Those of prio and tbf are given; htb and drr let one `add` and `delete`. All throw a
 * StackError for what makes no sense.
 *
 * @kernel include/net/sch_generic.h struct Qdisc_class_ops
 */
export interface QdiscClasses {
  readonly all: Iterable<QdiscClass>;
  find(classid: number): QdiscClass | null;
  /** Puts a discipline into a class, null for the default one. The one that was there ends, with what it holds. */
  graft(classid: number, qdisc: Qdisc | null): void;
  add?(classid: number, parent: number, options: object): void;
  change?(classid: number, options: object): void;
  /** Drops what waits in it. */
  delete?(classid: number): void;
  /** The discipline in a class ran empty by itself: nothing must be asked of it any more. May be called again. */
  qlenNotify(classid: number): void;
}
