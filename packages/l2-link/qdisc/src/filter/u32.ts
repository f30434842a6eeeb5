import { StackError } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';
import type { PacketMatch } from './match.ts';

/** One comparison: the word at `at` bytes from the network header, under `mask`, is `value`. */
export interface U32Key {
  value: number;
  /** All bits unless given. */
  mask?: number;
  /** Bytes from the network header; a multiple of `size`. */
  at: number;
  /** Bytes of the word: 4 unless given. */
  size?: 1 | 2 | 4;
}

/**
 * Matches packets by their bytes. All keys must agree; a packet that is too short does not match.
 *
 * @kernel net/sched/cls_u32.c u32_classify()
 */
export function u32(...keys: readonly U32Key[]): PacketMatch {
  const words = keys.map(wordOf);
  if (words.length === 0) throw new StackError('ERR_STACK_FILTER_MATCH', 'u32 has no keys', 'give one');
  const match = (skb: SkBuff): boolean => {
    const start = skb.networkHeader - skb.data;
    for (let i = 0; i < words.length; i++) {
      const { at, mask, value } = words[i];
      if (!skb.mayPull(start + at + 4) || (skb.i32(start + at) & mask) !== value) return false;
    }
    return true;
  };
  const texts = words.map(({ value, mask, at }) => `match ${hex(value)}/${hex(mask)} at ${at}`);
  return Object.assign(match, { kind: 'u32', keys: texts });
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');

/** The same as a word of 32 bits at a multiple of four. */
function wordOf({ value, at, size = 4, mask = -1 }: U32Key): { value: number; mask: number; at: number } {
  if (!Number.isInteger(at) || at % size !== 0) {
    throw new StackError('ERR_STACK_FILTER_MATCH', `a word of ${size} bytes cannot lie at ${at}`, 'give a multiple');
  }
  const shift = 8 * (4 - size - (at & 3));
  const bits = size === 4 ? -1 : (1 << (8 * size)) - 1;
  const shifted = (mask & bits) << shift;
  return { at: at & ~3, mask: shifted, value: ((value & bits) << shift) & shifted };
}
