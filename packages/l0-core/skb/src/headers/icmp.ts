import type { SkBuff } from '../skbuff.ts';

/** The ICMP header at `skb.transportHeader`. @rfc 792 */
export const LENGTH = 8;

export const ECHO_REPLY = 0;
export const DEST_UNREACH = 3;
export const REDIRECT = 5;
export const ECHO = 8;
export const TIME_EXCEEDED = 11;
export const PARAMETER_PROBLEM = 12;
export const TIMESTAMP = 13;
export const TIMESTAMP_REPLY = 14;

export const NET_UNREACH = 0;
export const HOST_UNREACH = 1;
export const PROT_UNREACH = 2;
export const PORT_UNREACH = 3;
export const FRAG_NEEDED = 4;
export const SR_FAILED = 5;
export const PKT_FILTERED = 13;

export const EXC_TTL = 0;
export const EXC_FRAGTIME = 1;

export function type(skb: SkBuff): number {
  return skb.arena.u8[skb.transportHeader];
}

export function setType(skb: SkBuff, value: number): void {
  skb.arena.u8[skb.transportHeader] = value;
}

export function code(skb: SkBuff): number {
  return skb.arena.u8[skb.transportHeader + 1];
}

export function setCode(skb: SkBuff, value: number): void {
  skb.arena.u8[skb.transportHeader + 1] = value;
}

export function check(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader + 2);
}

export function setCheck(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.transportHeader + 2, value);
}

/** Identifier of an echo. */
export function id(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader + 4);
}

export function setId(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.transportHeader + 4, value);
}

export function sequence(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader + 6);
}

export function setSequence(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.transportHeader + 6, value);
}

/** The other view of the last four bytes: where to send instead. */
export function gateway(skb: SkBuff): number {
  return skb.arena.view.getInt32(skb.transportHeader + 4);
}

export function setGateway(skb: SkBuff, value: number): void {
  skb.arena.view.setInt32(skb.transportHeader + 4, value);
}

/** Of the next hop, in "fragmentation needed". */
export function mtu(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.transportHeader + 6);
}

export function setMtu(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.transportHeader + 6, value);
}
