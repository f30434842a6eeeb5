import {
  InetProtocols,
  IpOutput,
  NO_METRICS,
  RTN_LOCAL,
  RTN_UNICAST,
  type InetSock,
  type NetProtocol,
  type Rtable,
} from '@stack/ipv4';
import { NetDevice } from '@stack/netdev';
import { ENOBUFS, type Plugin } from '@stack/plugin';
import { CHECKSUM_UNNECESSARY, ip, SKB_GSO_TCP_ACCECN, skbCopyToBytes, type SkbPool, type SkBuff } from '@stack/skb';
import type { Cpus } from '@stack/softirq';
import { cutSegments } from './segment.ts';

const IPPROTO_TCP = 6;
const IP_HEADER = 20;
const ROOM = 64;
const ECN_FIELD = 3;

/** Where a segment goes when it leaves a host. */
export type Transmit = (bytes: Uint8Array, ecn: number) => void;

/** IPv4 of one host, as far as TCP sees it: segments come in and go out as bytes, and nothing else costs time. */
export class ModelIp {
  readonly maxHeader = 152;
  readonly dev = Object.assign(new NetDevice('eth0', {} as never), { ifindex: 1 });
  readonly address: number;
  readonly peer: number;
  mtu: number;
  transmit: Transmit = () => {};
  /** Whether the device refuses the next packet. */
  refuses: () => boolean = () => false;
  tcp: NetProtocol | null = null;
  cpus!: Cpus;
  pool!: SkbPool;
  readonly #route: Rtable;

  constructor(address: number, peer: number, mtu: number) {
    this.address = address;
    this.peer = peer;
    this.mtu = mtu;
    const nowhere = (): number => 0;
    const { dev } = this;
    this.#route = {
      dev,
      type: RTN_UNICAST,
      gateway: 0,
      source: address,
      input: nowhere,
      output: nowhere,
      mtu: () => this.mtu,
      advmss: () => this.mtu - 40,
      metrics: NO_METRICS,
      obsolete: false,
    };
  }

  addressType(address: number): number {
    return address === this.address ? RTN_LOCAL : RTN_UNICAST;
  }

  routeOutput(): Rtable {
    return this.#route;
  }

  routeConnect(sk: InetSock): number {
    sk.dstCache = this.#route;
    if (sk.saddr === 0) sk.saddr = this.address;
    return 0;
  }

  skDstCheck(sk: InetSock): Rtable {
    return (sk.dstCache ??= this.#route);
  }

  queueXmit(_sk: InetSock, skb: SkBuff, ecn = 0): number {
    return this.#send(skb, ecn);
  }

  buildAndSendPkt(skb: SkBuff, _sk: InetSock, _route: Rtable, _saddr: number, _daddr: number, tos: number): number {
    return this.#send(skb, tos & ECN_FIELD);
  }

  sendUnicastReply(_to: SkBuff, reply: SkBuff, _protocol: number, tos: number): void {
    this.#send(reply, tos & ECN_FIELD);
  }

  updatePmtu(_daddr: number, mtu: number): void {
    this.mtu = Math.min(this.mtu, mtu);
  }

  #send(skb: SkBuff, ecn: number): number {
    if (this.refuses()) {
      skb.drop(0);
      return -ENOBUFS;
    }
    const bytes = new Uint8Array(skb.len);
    skbCopyToBytes(skb, 0, bytes, 0, skb.len);
    const { gsoSize, gsoType } = skb.shinfo;
    skb.consume();
    for (const part of cutSegments(bytes, gsoSize, (gsoType & SKB_GSO_TCP_ACCECN) !== 0)) this.transmit(part, ecn);
    return 0;
  }

  /** A segment arrives, in softirq context. */
  receive(bytes: Uint8Array, ecn: number): void {
    const skb = this.pool.alloc(ROOM + IP_HEADER + bytes.length);
    if (skb === null) return;
    skb.reserve(ROOM);
    skb.put(IP_HEADER + bytes.length);
    skb.resetNetworkHeader();
    ip.setVersionIhl(skb, 0x45);
    ip.setTos(skb, ecn);
    ip.setTotalLength(skb, skb.len);
    ip.setTtl(skb, 64);
    ip.setProtocol(skb, IPPROTO_TCP);
    ip.setSaddr(skb, this.peer);
    ip.setDaddr(skb, this.address);
    skb.pull(IP_HEADER);
    skb.arena.u8.set(bytes, skb.data);
    skb.dev = this.dev;
    skb.ipSummed = CHECKSUM_UNNECESSARY;
    this.cpus.boot.localBhDisable();
    this.tcp!.handler(skb);
    this.cpus.boot.localBhEnable();
  }
}

export function modelIp(model: ModelIp): Plugin {
  return {
    name: 'modelIp',
    provide(provider) {
      provider.bind(IpOutput, () => model as unknown as IpOutput);
      provider.bind(InetProtocols, () => ({
        add(_number, protocol) {
          model.tcp = protocol;
          return () => (model.tcp = null);
        },
        get: () => model.tcp,
      }));
    },
  };
}
