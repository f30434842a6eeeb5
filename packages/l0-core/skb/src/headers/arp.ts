import type { SkBuff } from '../skbuff.ts';

/** The ARP packet for IPv4 over Ethernet, at `skb.networkHeader`. @rfc 826 */
export const LENGTH = 28;
export const HARDWARE_ETHERNET = 1;
export const REQUEST = 1;
export const REPLY = 2;

export function hardwareType(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.networkHeader);
}

export function setHardwareType(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.networkHeader, value);
}

export function protocolType(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.networkHeader + 2);
}

export function setProtocolType(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.networkHeader + 2, value);
}

export function hardwareLength(skb: SkBuff): number {
  return skb.arena.u8[skb.networkHeader + 4];
}

export function setHardwareLength(skb: SkBuff, value: number): void {
  skb.arena.u8[skb.networkHeader + 4] = value;
}

export function protocolLength(skb: SkBuff): number {
  return skb.arena.u8[skb.networkHeader + 5];
}

export function setProtocolLength(skb: SkBuff, value: number): void {
  skb.arena.u8[skb.networkHeader + 5] = value;
}

export function operation(skb: SkBuff): number {
  return skb.arena.view.getUint16(skb.networkHeader + 6);
}

export function setOperation(skb: SkBuff, value: number): void {
  skb.arena.view.setUint16(skb.networkHeader + 6, value);
}

/** IPv4, int32. */
export function senderAddress(skb: SkBuff): number {
  return skb.arena.view.getInt32(skb.networkHeader + 14);
}

export function setSenderAddress(skb: SkBuff, value: number): void {
  skb.arena.view.setInt32(skb.networkHeader + 14, value);
}

/** IPv4, int32. */
export function targetAddress(skb: SkBuff): number {
  return skb.arena.view.getInt32(skb.networkHeader + 24);
}

export function setTargetAddress(skb: SkBuff, value: number): void {
  skb.arena.view.setInt32(skb.networkHeader + 24, value);
}

/** Copies the sender's MAC address into `into`. */
export function senderHardware(skb: SkBuff, into: Uint8Array): void {
  for (let i = 0; i < 6; i++) into[i] = skb.arena.u8[skb.networkHeader + 8 + i];
}

export function setSenderHardware(skb: SkBuff, mac: Uint8Array): void {
  for (let i = 0; i < 6; i++) skb.arena.u8[skb.networkHeader + 8 + i] = mac[i];
}

export function targetHardware(skb: SkBuff, into: Uint8Array): void {
  for (let i = 0; i < 6; i++) into[i] = skb.arena.u8[skb.networkHeader + 18 + i];
}

export function setTargetHardware(skb: SkBuff, mac: Uint8Array): void {
  for (let i = 0; i < 6; i++) skb.arena.u8[skb.networkHeader + 18 + i] = mac[i];
}
