/** 224.0.0.0/4. @kernel include/linux/in.h ipv4_is_multicast() */
export function isMulticast(address: number): boolean {
  return address >>> 28 === 0xe;
}

/** 224.0.0.0/24, never forwarded. @kernel include/linux/in.h ipv4_is_local_multicast() */
export function isLocalMulticast(address: number): boolean {
  return address >>> 8 === 0xe00000;
}

/** 255.255.255.255. @kernel include/linux/in.h ipv4_is_lbcast() */
export function isLimitedBroadcast(address: number): boolean {
  return address === -1;
}

/** 0.0.0.0/8. @kernel include/linux/in.h ipv4_is_zeronet() */
export function isZeronet(address: number): boolean {
  return address >>> 24 === 0;
}

/** 127.0.0.0/8. @kernel include/linux/in.h ipv4_is_loopback() */
export function isLoopback(address: number): boolean {
  return address >>> 24 === 127;
}

/** The mask of a prefix length, int32. @kernel include/linux/inetdevice.h inet_make_mask() */
export function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : -1 << (32 - prefixLength);
}
