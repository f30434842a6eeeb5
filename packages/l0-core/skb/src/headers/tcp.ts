import type { SkBuff } from '../skbuff.ts';

/** The TCP header at `skb.transportHeader`. Sequence numbers are int32. @rfc 9293 3.1 */
export const LENGTH = 20;
export const MAX_LENGTH = 60;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;
/** Accurate ECN, once the nonce sum. */
export const AE = 0x100;

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

export function seq(skb: SkBuff): number {
  return skb.arena.view.getInt32(skb.transportHeader + 4);
}

export function setSeq(skb: SkBuff, value: number): void {
  skb.arena.view.setInt32(skb.transportHeader + 4, value);
}

export function ackSeq(skb: SkBuff): number {
  return skb.arena.view.getInt32(skb.transportHeader + 8);
}

export function setAckSeq(skb: SkBuff, value: number): void {
  skb.arena.view.setInt32(skb.transportHeader + 8, value);
}

/** As on the wire, not scaled. */
export function window(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader + 14);
}

export function setWindow(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.transportHeader + 14, value);
}

export function check(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader + 16);
}

export function setCheck(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.transportHeader + 16, value);
}

export function urgent(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader + 18);
}

export function setUrgent(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.transportHeader + 18, value);
}

/** FIN to CWR, and AE as 0x100. */
export function flags(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader + 12) & 0x1ff;
}

/** Length of the header with its options, in bytes. */
export function headerLength(skb: SkBuff): number {
  return (skb.arena.u8[skb.transportHeader + 12] >>> 4) << 2;
}

/** Writes data offset (`bytes`, a multiple of 4 up to 60) and flags together. */
export function setLengthAndFlags(skb: SkBuff, bytes: number, flags: number): void {
  skb.arena.view.setUint16(skb.transportHeader + 12, (bytes << 10) | flags);
}
