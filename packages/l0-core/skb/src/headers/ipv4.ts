import { csumFold } from '@stack/memory';
import type { SkBuff } from '../skbuff.ts';

/** The IPv4 header at `skb.networkHeader`. Addresses are int32 in network order (10.0.0.1 is 0x0a000001). @rfc 791 3.1 */
export const LENGTH = 20;
export const MAX_LENGTH = 60;
export const DF = 0x4000;
export const MF = 0x2000;
export const OFFSET_MASK = 0x1fff;

export const PROTO_ICMP = 1;
export const PROTO_TCP = 6;
export const PROTO_UDP = 17;

/** Version in the high, header length in 32-bit words in the low four bits. */
export function versionIhl(skb: SkBuff): number {
  return skb.arena.u8[skb.networkHeader];
}

export function setVersionIhl(skb: SkBuff, value: number): void {
  skb.arena.u8[skb.networkHeader] = value;
}

/** DS field and, in the low two bits, ECN. */
export function tos(skb: SkBuff): number {
  return skb.arena.u8[skb.networkHeader + 1];
}

export function setTos(skb: SkBuff, value: number): void {
  skb.arena.u8[skb.networkHeader + 1] = value;
}

/** Header and data, in bytes. */
export function totalLength(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.networkHeader + 2);
}

export function setTotalLength(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.networkHeader + 2, value);
}

export function id(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.networkHeader + 4);
}

export function setId(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.networkHeader + 4, value);
}

/** Flags in the high three bits, offset in units of 8 bytes below. */
export function fragOff(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.networkHeader + 6);
}

export function setFragOff(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.networkHeader + 6, value);
}

export function ttl(skb: SkBuff): number {
  return skb.arena.u8[skb.networkHeader + 8];
}

export function setTtl(skb: SkBuff, value: number): void {
  skb.arena.u8[skb.networkHeader + 8] = value;
}

export function protocol(skb: SkBuff): number {
  return skb.arena.u8[skb.networkHeader + 9];
}

export function setProtocol(skb: SkBuff, value: number): void {
  skb.arena.u8[skb.networkHeader + 9] = value;
}

export function check(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.networkHeader + 10);
}

export function setCheck(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.networkHeader + 10, value);
}

export function saddr(skb: SkBuff): number {
  return skb.arena.view.getInt32(skb.networkHeader + 12);
}

export function setSaddr(skb: SkBuff, value: number): void {
  skb.arena.view.setInt32(skb.networkHeader + 12, value);
}

export function daddr(skb: SkBuff): number {
  return skb.arena.view.getInt32(skb.networkHeader + 16);
}

export function setDaddr(skb: SkBuff, value: number): void {
  skb.arena.view.setInt32(skb.networkHeader + 16, value);
}

export function version(skb: SkBuff): number {
  return skb.arena.u8[skb.networkHeader] >>> 4;
}

/** Length of the header with its options, in bytes. */
export function headerLength(skb: SkBuff): number {
  return (skb.arena.u8[skb.networkHeader] & 0x0f) << 2;
}

/** @kernel include/net/ip.h ip_is_fragment() */
export function isFragment(skb: SkBuff): boolean {
  return (fragOff(skb) & (MF | OFFSET_MASK)) !== 0;
}

/** Computes the header checksum and stores it. @kernel include/net/ip.h ip_send_check() */
export function sendCheck(skb: SkBuff): void {
  setCheck(skb, 0);
  setCheck(skb, csumFold(skb.arena.checksum(skb.networkHeader, headerLength(skb), 0)));
}

/** Whether the header checksum is right. @kernel lib/checksum.c ip_fast_csum() */
export function checkIsRight(skb: SkBuff): boolean {
  return csumFold(skb.arena.checksum(skb.networkHeader, headerLength(skb), 0)) === 0;
}

/** One hop less, with the checksum kept right. Returns the new TTL. @kernel include/net/ip.h ip_decrease_ttl() */
export function decreaseTtl(skb: SkBuff): number {
  const sum = check(skb) + 0x0100;
  setCheck(skb, (sum + (sum >= 0xffff ? 1 : 0)) & 0xffff);
  setTtl(skb, ttl(skb) - 1);
  return ttl(skb);
}
