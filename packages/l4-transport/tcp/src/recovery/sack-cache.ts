import type { SackBlocks } from './sack-read.ts';

/** The blocks of the last ACK: what they cover needs no second walk. @kernel include/linux/tcp.h struct tcp_sock recv_sack_cache */
export class SackCache {
  readonly start: number[] = [];
  readonly end: number[] = [];
  count = 0;

  keep(blocks: SackBlocks, count: number): void {
    for (let i = 0; i < count; i++) {
      this.start[i] = blocks.start[i];
      this.end[i] = blocks.end[i];
    }
    this.count = count;
  }
}
