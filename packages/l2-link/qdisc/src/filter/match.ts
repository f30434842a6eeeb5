import { StackError } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';

/** Says of a packet whether a filter wants it. Must not change the packet. */
export interface PacketMatch {
  (skb: SkBuff): boolean;
  /** The kind of the filter, and its keys, as `tc filter show` prints them. */
  readonly kind?: string;
  readonly keys?: readonly string[];
}

/** An address and the bits of it that count. */
export interface Prefix {
  readonly address: number;
  readonly mask: number;
}

/** `10.0.0.0/8`, or one address. */
export function parsePrefix(text: string): Prefix {
  const found = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text);
  const bytes = found?.slice(1, 5).map(Number) ?? [];
  const length = Number(found?.[5] ?? 32);
  if (found === null || bytes.some((byte) => byte > 255) || length > 32) {
    throw new StackError('ERR_STACK_FILTER_MATCH', `${text} is no IPv4 prefix`, "write it like '10.0.0.0/8'");
  }
  const mask = length === 0 ? 0 : -1 << (32 - length);
  return { address: bytes.reduce((sum, byte) => (sum << 8) | byte, 0) & mask, mask };
}
