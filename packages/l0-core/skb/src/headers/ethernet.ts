import type { SkBuff } from '../skbuff.ts';

/** Ethernet II. Reads and writes at `skb.macHeader`. MAC addresses are copied to and from 6-byte arrays. */
export const LENGTH = 14;
export const ALEN = 6;

export const TYPE_IPV4 = 0x0800;
export const TYPE_ARP = 0x0806;
export const TYPE_VLAN = 0x8100;
export const TYPE_IPV6 = 0x86dd;
export const TYPE_PAUSE = 0x8808;
/** Not on the wire: a packet type that sees every frame. */
export const TYPE_ALL = 0x0003;

export function type(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.macHeader + 12);
}

export function setType(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.macHeader + 12, value);
}

/** Copies the destination into `into`. */
export function destination(skb: SkBuff, into: Uint8Array): void {
  copyOut(skb.arena.u8, skb.macHeader, into);
}

export function source(skb: SkBuff, into: Uint8Array): void {
  copyOut(skb.arena.u8, skb.macHeader + 6, into);
}

export function setDestination(skb: SkBuff, mac: Uint8Array): void {
  copyIn(skb.arena.u8, skb.macHeader, mac);
}

export function setSource(skb: SkBuff, mac: Uint8Array): void {
  copyIn(skb.arena.u8, skb.macHeader + 6, mac);
}

/** Whether the destination is `mac`, without copying. */
export function isTo(skb: SkBuff, mac: Uint8Array): boolean {
  const { u8 } = skb.arena;
  const at = skb.macHeader;
  for (let i = ALEN - 1; i >= 0; i--) if (u8[at + i] !== mac[i]) return false;
  return true;
}

/** The group bit of the destination: multicast or broadcast. */
export function isGroup(skb: SkBuff): boolean {
  return (skb.arena.u8[skb.macHeader] & 1) === 1;
}

export function isBroadcast(skb: SkBuff): boolean {
  const { u8 } = skb.arena;
  for (let i = 0; i < ALEN; i++) if (u8[skb.macHeader + i] !== 0xff) return false;
  return true;
}

function copyOut(u8: Uint8Array, at: number, into: Uint8Array): void {
  for (let i = 0; i < ALEN; i++) into[i] = u8[at + i];
}

function copyIn(u8: Uint8Array, at: number, from: Uint8Array): void {
  for (let i = 0; i < ALEN; i++) u8[at + i] = from[i];
}
