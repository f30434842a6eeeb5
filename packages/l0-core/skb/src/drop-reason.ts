/**
 * Why a packet went no further. Names are Linux's, without the prefix.
 *
 * @kernel include/net/dropreason-core.h enum skb_drop_reason
 */
const names = [
  'NOT_SPECIFIED',
  'NO_SOCKET',
  'SOCKET_CLOSE',
  'SOCKET_FILTER',
  'SOCKET_RCVBUFF',
  'UNIX_DISCONNECT',
  'PKT_TOO_SMALL',
  'TCP_CSUM',
  'UDP_CSUM',
  'NETFILTER_DROP',
  'OTHERHOST',
  'IP_CSUM',
  'IP_INHDR',
  'IP_RPFILTER',
  'UNICAST_IN_L2_MULTICAST',
  'XFRM_POLICY',
  'IP_NOPROTO',
  'PROTO_MEM',
  'TCP_AUTH_HDR',
  'TCP_MD5NOTFOUND',
  'TCP_MD5UNEXPECTED',
  'TCP_MD5FAILURE',
  'TCP_AONOTFOUND',
  'TCP_AOUNEXPECTED',
  'TCP_AOKEYNOTFOUND',
  'TCP_AOFAILURE',
  'SOCKET_BACKLOG',
  'TCP_FLAGS',
  'TCP_ABORT_ON_DATA',
  'TCP_ZEROWINDOW',
  'TCP_OLD_DATA',
  'TCP_OVERWINDOW',
  'TCP_OFOMERGE',
  'TCP_RFC7323_PAWS',
  'TCP_RFC7323_PAWS_ACK',
  'TCP_RFC7323_TSECR',
  'TCP_LISTEN_OVERFLOW',
  'TCP_OLD_SEQUENCE',
  'TCP_INVALID_SEQUENCE',
  'TCP_INVALID_END_SEQUENCE',
  'TCP_INVALID_ACK_SEQUENCE',
  'TCP_RESET',
  'TCP_INVALID_SYN',
  'TCP_CLOSE',
  'TCP_FASTOPEN',
  'TCP_OLD_ACK',
  'TCP_TOO_OLD_ACK',
  'TCP_ACK_UNSENT_DATA',
  'TCP_OFO_QUEUE_PRUNE',
  'TCP_OFO_DROP',
  'IP_OUTNOROUTES',
  'BPF_CGROUP_EGRESS',
  'NEIGH_CREATEFAIL',
  'NEIGH_FAILED',
  'NEIGH_QUEUEFULL',
  'NEIGH_DEAD',
  'NEIGH_HH_FILLFAIL',
  'TC_EGRESS',
  'SECURITY_HOOK',
  'QDISC_DROP',
  'QDISC_OVERLIMIT',
  'QDISC_CONGESTED',
  'CAKE_FLOOD',
  'FQ_BAND_LIMIT',
  'FQ_HORIZON_LIMIT',
  'FQ_FLOW_LIMIT',
  'CPU_BACKLOG',
  'XDP',
  'TC_INGRESS',
  'UNHANDLED_PROTO',
  'SKB_CSUM',
  'SKB_GSO_SEG',
  'SKB_UCOPY_FAULT',
  'DEV_HDR',
  'DEV_READY',
  'FULL_RING',
  'NOMEM',
  'HDR_TRUNC',
  'TAP_FILTER',
  'TAP_TXFILTER',
  'ICMP_CSUM',
  'INVALID_PROTO',
  'IP_INADDRERRORS',
  'IP_INNOROUTES',
  'IP_LOCAL_SOURCE',
  'IP_INVALID_SOURCE',
  'IP_LOCALNET',
  'IP_INVALID_DEST',
  'PKT_TOO_BIG',
  'DUP_FRAG',
  'FRAG_REASM_TIMEOUT',
  'FRAG_TOO_FAR',
  'TCP_MINTTL',
  'IPV6_BAD_EXTHDR',
  'IPV6_NDISC_FRAG',
  'IPV6_NDISC_HOP_LIMIT',
  'IPV6_NDISC_BAD_CODE',
  'IPV6_NDISC_BAD_OPTIONS',
  'IPV6_NDISC_NS_OTHERHOST',
  'QUEUE_PURGE',
  'TC_COOKIE_ERROR',
  'PACKET_SOCK_ERROR',
  'TC_CHAIN_NOTFOUND',
  'TC_RECLASSIFY_LOOP',
  'TTL_EXPIRED',
  'DEV_UNREGISTERED',
] as const;

export type DropReasonName = (typeof names)[number];

/** The number of each reason: an index into {@link SkbPool.drops}. */
export const DropReason: { readonly [N in DropReasonName]: number } = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.fromEntries(/* @__PURE__ */ names.map((name, index) => [name, index])) as {
    [N in DropReasonName]: number;
  },
);

const known: string[] = [...names];

/** How many reasons a host counts: the core's and those that plugins add. */
export const MAX_DROP_REASONS = 512;

/**
 * A reason of a plugin's own, for example `registerDropReason('KNOCK_WRONG_PORT')`. The same name gives the same number.
 *
 * @kernel net/core/skbuff.c drop_reasons_register_subsys()
 */
export function registerDropReason(name: string): number {
  const index = known.indexOf(name);
  if (index >= 0) return index;
  if (known.length === MAX_DROP_REASONS) return DropReason.NOT_SPECIFIED;
  return known.push(name) - 1;
}

export function dropReasonName(reason: number): string {
  return known[reason] ?? 'NOT_SPECIFIED';
}
