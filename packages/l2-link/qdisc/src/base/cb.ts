import type { SkBuff } from '@stack/skb';

const HIGH = 0x1_0000_0000;

/** Keeps a time, in ns, in the part of the packet that belongs to its discipline. */
export function setCbTime(skb: SkBuff, time: number): void {
  const { cb } = skb;
  cb[0] = Math.floor(time / HIGH);
  cb[1] = time | 0;
}

export function cbTime(skb: SkBuff): number {
  const { cb } = skb;
  return cb[0] * HIGH + (cb[1] >>> 0);
}
