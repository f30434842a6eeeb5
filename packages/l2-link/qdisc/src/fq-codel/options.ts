import { badOption, whole } from '../base/options.ts';
import { bytesOf, formatSize, type Size } from '../base/units.ts';
import type { CodelConfig, CodelParams } from '../codel/control.ts';

export interface FqCodelOptions extends CodelParams {
  /** Packets of all flows; 10240 unless given. */
  limit?: number;
  /** Queues over which flows are spread; fixed at creation, 1024 unless given. */
  flows?: number;
  /** Bytes that a flow sends in a round; a frame of the device unless given. */
  quantum?: Size;
  /** Memory that all packets may take; 32 MB unless given. */
  memoryLimit?: Size;
  /**
   * With ceThreshold: of the DS field with its ECN bits, a value and the bits that count, such as '0x01/0x3' for those that
   * understand the marks of L4S.
   */
  ceThresholdSelector?: string;
  /** Packets that go at once, of the largest flow, when a limit is reached; 64 unless given. */
  dropBatch?: number;
}

/** The same, checked. @kernel net/sched/sch_fq_codel.c fq_codel_change() */
export class FqCodelConfig {
  limit = 10 * 1024;
  flows = 1024;
  quantum: number;
  memoryLimit = 32 << 20;
  dropBatch = 64;

  constructor(mtu: number) {
    this.quantum = mtu;
  }

  change(options: FqCodelOptions, created: boolean): void {
    if (created && options.flows !== undefined && options.flows !== this.flows) {
      throw badOption('fq_codel', 'another number of flows while it runs', 'replace it');
    }
    const limit = whole('fq_codel', 'limit', options.limit ?? this.limit);
    const flows = whole('fq_codel', 'flows', options.flows ?? this.flows, 1, 65_536);
    const quantum = whole('fq_codel', 'quantum', bytesOf(options.quantum ?? this.quantum), 1, 1 << 20);
    const dropBatch = whole('fq_codel', 'dropBatch', options.dropBatch ?? this.dropBatch, 1);
    this.memoryLimit = Math.min(2 ** 31, bytesOf(options.memoryLimit ?? this.memoryLimit));
    this.limit = limit;
    this.flows = flows;
    this.quantum = Math.max(256, quantum);
    this.dropBatch = dropBatch;
  }

  /** In the order of tc. @kernel tc/q_fq_codel.c fq_codel_print_opt() */
  dump(codel: CodelConfig): Record<string, unknown> {
    return {
      limit: `${this.limit}p`, flows: this.flows, quantum: this.quantum, ...codel.dump(),
      memory_limit: formatSize(this.memoryLimit), ...(codel.ecn && { ecn: true }), drop_batch: this.dropBatch,
    }; // prettier-ignore
  }
}

/** The value and the bits that count, both of a byte. */
export function selectorOf(text: string): { selector: number; mask: number } {
  const [selector, mask, ...more] = text.split('/').map(Number);
  if (isByte(selector) && isByte(mask) && more.length === 0) return { selector, mask };
  throw badOption('fq_codel', `a ceThresholdSelector ${text}`, "write it like '0x01/0x3'");
}

const isByte = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 0xff;
