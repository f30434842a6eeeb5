import { token, type Undo } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';

/**
 * A transport protocol over IPv4.
 *
 * @kernel include/net/protocol.h struct net_protocol
 */
export interface NetProtocol {
  readonly name: string;
  /** Keeps its state per host. One that does not is refused. */
  readonly netnsOk: boolean;
  /** Skips the policy check before the handler: the protocol does it itself, with its socket. */
  readonly noPolicy: boolean;
  /** Takes ownership. `data` is at the transport header, `networkHeader` at the IP header. */
  handler(skb: SkBuff): number;
  /**
   * An ICMP error about a packet we sent; `skb` is the ICMP message, `data` at the IP header it quotes (with at least
   * 8 bytes of transport header). `info` is the next hop's MTU for FRAG_NEEDED. The handler only reads the skb.
   */
  errHandler?(skb: SkBuff, type: number, code: number, info: number): void;
  /** Finds the socket before the route is looked up, so that its cached route serves. */
  earlyDemux?(skb: SkBuff): void;
}

/** @kernel net/ipv4/protocol.c inet_add_protocol() */
export interface InetProtocols {
  /** Throws `ERR_STACK_PROTOCOL_TAKEN` or `ERR_STACK_PROTOCOL_NOT_NETNS`. `number` is 0 to 255. */
  add(number: number, protocol: NetProtocol): Undo;
  get(number: number): NetProtocol | null;
}

export const InetProtocols = token<InetProtocols>('InetProtocols', 'add ipv4() to the host');
