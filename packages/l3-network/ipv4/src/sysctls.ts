/**
 * What administrators tune under net.ipv4, with Linux's defaults. Written at any time; the next packet sees it. What
 * Linux keeps for each device (rp_filter, redirects, source routes) is one value for the host here.
 *
 * @kernel net/ipv4/sysctl_net_ipv4.c
 */
export class Ipv4Sysctls {
  /** TTL of what we send. */
  ipDefaultTtl = 64;
  /** Whether we route for others. */
  ipForward = false;
  /** Whether routers trust what they heard of path MTUs. */
  ipForwardUsePmtu = false;
  /** 0: path MTU discovery. 1: never set DF. 2, 3: and ignore what ICMP says of MTUs. */
  ipNoPmtuDisc = 0;
  /** Smaller path MTUs are not believed, bytes; how long one is believed, seconds. */
  minPmtu = 552;
  mtuExpires = 600;
  /** Smallest MSS to announce. */
  minAdvMss = 256;
  ipEarlyDemux = true;

  icmpEchoIgnoreAll = false;
  icmpEchoIgnoreBroadcasts = true;
  icmpIgnoreBogusErrorResponses = true;
  /** Milliseconds between two errors to one host, and the types (as bits) for which it holds. */
  icmpRatelimit = 1_000;
  icmpRatemask = 6_168;
  /** For all hosts together. */
  icmpMsgsPerSec = 1_000;
  icmpMsgsBurst = 50;

  /** Bytes of truesize that all incomplete datagrams may hold, seconds that one may wait. */
  ipfragHighThresh = 4 * 1024 * 1024;
  ipfragTime = 30;
  /** Datagrams of one sender that may come in between two fragments of another of his. */
  ipfragMaxDist = 64;

  /** Reverse path filter: 0 none, 1 strict, 2 loose. @rfc 3704 */
  rpFilter = 0;
  acceptRedirects = true;
  sendRedirects = true;
  acceptSourceRoute = false;
  /** Drop unicast packets that came in frames to all. */
  dropUnicastInL2Multicast = false;
  /** Whether 127.0.0.0/8 may be routed. */
  routeLocalnet = false;
  /** Announce addresses when a device comes up. */
  arpNotify = false;
}
