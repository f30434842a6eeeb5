/** Kinds of IP options; those with the high bit are copied into every fragment. @kernel include/uapi/linux/ip.h IPOPT_RR @rfc 791 3.1 */
export const IPOPT_COPY = 0x80;
export const IPOPT_END = 0;
export const IPOPT_NOOP = 1;
export const IPOPT_RR = 7;
export const IPOPT_TIMESTAMP = 68;
export const IPOPT_LSRR = 131;
export const IPOPT_SSRR = 137;
export const IPOPT_RA = 148;

/** What the timestamp option records. */
export const IPOPT_TS_TSONLY = 0;
export const IPOPT_TS_TSANDADDR = 1;
export const IPOPT_TS_PRESPEC = 3;
