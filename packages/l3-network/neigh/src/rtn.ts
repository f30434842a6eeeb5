/**
 * What an IPv4 address is to this host, or what a route does with packets to it. Here rather than in `@stack/ipv4`
 * because ARP asks for it too.
 *
 * @kernel include/uapi/linux/rtnetlink.h RTN_UNICAST
 */
export const RTN_UNSPEC = 0;
export const RTN_UNICAST = 1;
export const RTN_LOCAL = 2;
export const RTN_BROADCAST = 3;
export const RTN_ANYCAST = 4;
export const RTN_MULTICAST = 5;
/** Drops without a word, with an ICMP host unreachable, with an ICMP prohibited. */
export const RTN_BLACKHOLE = 6;
export const RTN_UNREACHABLE = 7;
export const RTN_PROHIBIT = 8;
/** The lookup goes on in the next table. */
export const RTN_THROW = 9;
