import { Ring } from '../base/ring.ts';
import type { FqFlow } from './flow.ts';

/** Flows of one importance. @kernel net/sched/sch_fq.c struct fq_perband_flows */
export class FqBand {
  readonly newFlows = new Ring<FqFlow>();
  readonly oldFlows = new Ring<FqFlow>();
  /** Bytes that the band may still send in this round. */
  credit = 0;
  /** Packets that wait, and those that found too many waiting. */
  qlen = 0;
  drops = 0;

  /** The flow whose turn it is. */
  get first(): FqFlow | null {
    return this.newFlows.first ?? this.oldFlows.first;
  }

  toOld(flow: FqFlow): void {
    flow.ring!.remove(flow);
    this.oldFlows.push(flow);
  }
}
