import {
  InetProtocols,
  IpOutput,
  NO_METRICS,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  type InetSock,
  type NetProtocol,
  type Rtable,
} from '@stack/ipv4';
import { NETIF_F_HW_CSUM, NetDevice } from '@stack/netdev';
import { ENETUNREACH, type Plugin } from '@stack/plugin';
import { DropReason, ip, type SkBuff } from '@stack/skb';
import { ipNumber } from '@stack/testing';

/** What IP was told. */
export interface Sent {
  saddr: number;
  daddr: number;
  ttl: number;
  tos: number;
  length: number;
}

const local = new Set(['127.0.0.1', '10.0.0.1'].map(ipNumber));
const unreachable = ipNumber('192.0.2.1');

/**
 * An IP with one device that brings everything back: datagrams arrive in the call that sends them.
 */
export class SmallIp {
  readonly dev = Object.assign(new NetDevice('lo', {} as never), { ifindex: 1, mtu: 65_536 });
  readonly sent: Sent[] = [];
  readonly icmp: { type: number; code: number }[] = [];
  readonly protocols = new Map<number, NetProtocol>();
  routes = 0;
  /** Spoils packets under way. */
  onTheWay: (skb: SkBuff) => void = () => {};
  /** What sendDatagram answers instead of delivering. */
  refuse = 0;
  readonly maxHeader = 128;

  deviceChecksums(on: boolean): void {
    this.dev.features = on ? NETIF_F_HW_CSUM : 0;
  }

  addressType(address: number): number {
    if (address === -1) return RTN_BROADCAST;
    if (address >>> 28 === 0xe) return RTN_MULTICAST;
    return local.has(address) ? RTN_LOCAL : RTN_UNICAST;
  }

  routeOutput(flow: { daddr: number; saddr: number }): Rtable | null {
    this.routes++;
    if (flow.daddr === unreachable) return null;
    const type = this.addressType(flow.daddr);
    flow.saddr ||= type === RTN_LOCAL ? flow.daddr : ipNumber('10.0.0.1');
    const { dev } = this;
    const broken = (): number => 0;
    return {
      dev,
      type,
      gateway: 0,
      source: flow.saddr,
      input: broken,
      output: broken,
      mtu: () => dev.mtu,
      advmss: () => 1460,
      metrics: NO_METRICS,
      obsolete: false,
    };
  }

  routeConnect(sk: InetSock): number {
    const flow = { daddr: sk.daddr, saddr: sk.saddr };
    sk.dstCache = this.routeOutput(flow);
    if (sk.dstCache === null) return -ENETUNREACH;
    sk.saddr = flow.saddr;
    return 0;
  }

  skDstCheck(sk: InetSock): Rtable | null {
    return sk.dstCache;
  }

  sendDatagram(
    sk: InetSock,
    skb: SkBuff,
    route: Rtable,
    saddr: number,
    daddr: number,
    ttl: number,
    tos: number,
  ): number {
    this.sent.push({ saddr, daddr, ttl, tos, length: skb.len });
    if (this.refuse !== 0) {
      skb.drop(DropReason.QDISC_DROP);
      return this.refuse;
    }
    this.#header(skb, sk.protocol, saddr, daddr, ttl, tos);
    skb.orphan();
    skb.dst = route;
    skb.dev = route.dev;
    this.onTheWay(skb);
    this.protocols.get(sk.protocol)!.handler(skb);
    return 0;
  }

  icmpSend(skb: SkBuff, type: number, code: number): void {
    this.icmp.push({ type, code });
    // The sender is this host too: the error comes back as one about the packet it quotes.
    skb.push(ip.LENGTH);
    this.protocols.get(ip.protocol(skb))?.errHandler?.(skb, type, code, 0);
    skb.pull(ip.LENGTH);
  }

  updatePmtu(): void {}

  #header(skb: SkBuff, protocol: number, saddr: number, daddr: number, ttl: number, tos: number): void {
    skb.push(ip.LENGTH);
    skb.resetNetworkHeader();
    ip.setVersionIhl(skb, 0x45);
    ip.setTos(skb, tos);
    ip.setTotalLength(skb, skb.len);
    ip.setTtl(skb, ttl < 0 ? 64 : ttl);
    ip.setProtocol(skb, protocol);
    ip.setSaddr(skb, saddr);
    ip.setDaddr(skb, daddr);
    skb.pull(ip.LENGTH);
  }
}

export function smallIp(small: SmallIp): Plugin {
  return {
    name: 'smallIp',
    provide(provider) {
      provider.bind(IpOutput, () => small as unknown as IpOutput);
      provider.bind(InetProtocols, () => ({
        add(number, protocol) {
          small.protocols.set(number, protocol);
          return () => small.protocols.delete(number);
        },
        get: (number) => small.protocols.get(number) ?? null,
      }));
    },
  };
}
