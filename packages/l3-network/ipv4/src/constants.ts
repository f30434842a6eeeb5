export {
  RTN_ANYCAST,
  RTN_BLACKHOLE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTN_UNSPEC,
} from '@stack/neigh';

/** Ethertype of IPv4. @kernel include/uapi/linux/if_ether.h ETH_P_IP */
export const ETH_P_IP = 0x0800;

/** @kernel include/uapi/linux/in.h IPPROTO_TCP */
export const IPPROTO_IP = 0;
export const IPPROTO_ICMP = 1;
export const IPPROTO_IGMP = 2;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_UDPLITE = 136;
export const IPPROTO_RAW = 255;

/** Well-known addresses, int32. @kernel include/uapi/linux/in.h INADDR_ANY */
export const INADDR_ANY = 0;
export const INADDR_BROADCAST = -1;
export const INADDR_LOOPBACK = 0x7f000001;
export const INADDR_ALLHOSTS_GROUP = 0xe0000001 | 0;

/** How far away a destination is: the larger, the nearer. @kernel include/uapi/linux/rtnetlink.h RT_SCOPE_UNIVERSE */
export const RT_SCOPE_UNIVERSE = 0;
export const RT_SCOPE_SITE = 200;
export const RT_SCOPE_LINK = 253;
export const RT_SCOPE_HOST = 254;
export const RT_SCOPE_NOWHERE = 255;

/** Routing tables. @kernel include/uapi/linux/rtnetlink.h RT_TABLE_MAIN */
export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;

/** Who made a route. @kernel include/uapi/linux/rtnetlink.h RTPROT_KERNEL */
export const RTPROT_KERNEL = 2;
export const RTPROT_BOOT = 3;
export const RTPROT_STATIC = 4;

/** Largest IPv4 packet, and the smallest MTU IPv4 works with. */
export const IP_MAX_MTU = 0xffff;
export const IPV4_MIN_MTU = 68;

/** ECN: the low two bits of TOS. */
export const INET_ECN_MASK = 3;
