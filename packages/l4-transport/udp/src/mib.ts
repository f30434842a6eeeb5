const NAMES = [
  'InDatagrams',
  'NoPorts',
  'InErrors',
  'OutDatagrams',
  'RcvbufErrors',
  'SndbufErrors',
  'InCsumErrors',
  'IgnoredMulti',
  'MemErrors',
] as const;

/** Indices into the counters. @kernel include/uapi/linux/snmp.h UDP_MIB_INDATAGRAMS */
export const UDP_MIB_INDATAGRAMS = 0;
export const UDP_MIB_NOPORTS = 1;
export const UDP_MIB_INERRORS = 2;
export const UDP_MIB_OUTDATAGRAMS = 3;
export const UDP_MIB_RCVBUFERRORS = 4;
export const UDP_MIB_SNDBUFERRORS = 5;
export const UDP_MIB_CSUMERRORS = 6;
export const UDP_MIB_IGNOREDMULTI = 7;
export const UDP_MIB_MEMERRORS = 8;

/** Names as in /proc/net/snmp with the protocol's prefix: `UdpInDatagrams`. */
export function mibNames(prefix: string): readonly string[] {
  return NAMES.map((name) => prefix + name);
}
