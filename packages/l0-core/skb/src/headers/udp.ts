import type { SkBuff } from '../skbuff.ts';

/** The UDP header at `skb.transportHeader`. @rfc 768 */
export const LENGTH = 8;

export function source(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader);
}

export function setSource(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.transportHeader, value);
}

export function dest(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader + 2);
}

export function setDest(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.transportHeader + 2, value);
}

/** Header and data, in bytes. */
export function length(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader + 4);
}

export function setLength(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.transportHeader + 4, value);
}

/** 0 when the sender made none. */
export function check(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader + 6);
}

export function setCheck(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.transportHeader + 6, value);
}
