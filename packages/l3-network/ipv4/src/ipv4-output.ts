import { ip, tcp, type SkBuff } from '@stack/skb';
import { icmpSend } from './icmp/send.ts';
import type { InetSock } from './inet-sock.ts';
import type { Flow4, IpOutput } from './ip-output.ts';
import type { NetnsIpv4 } from './netns.ts';
import { ipBuildAndSendPkt, ipSendUnicastReply } from './output/build.ts';
import { ipSendDatagram } from './output/datagram.ts';
import { ipQueueXmit } from './output/queue-xmit.ts';
import { ipRouteOutputFlow } from './route/output.ts';
import { ipRtUpdatePmtu } from './route/pmtu.ts';
import type { Route } from './route/route.ts';
import { ipRouteConnect, ipRouteOutputPorts, skDstCheck } from './route/sock.ts';
import type { Rtable } from './rtable.ts';

/** Link header with everything that may be in front of it. @kernel include/linux/netdevice.h LL_MAX_HEADER */
const LL_MAX_HEADER = 32;

/** What transports ask of IPv4, over this package's functions. */
export class Ipv4Output implements IpOutput {
  readonly maxHeader = LL_MAX_HEADER + ip.MAX_LENGTH + tcp.MAX_LENGTH;
  readonly #net: NetnsIpv4;

  constructor(net: NetnsIpv4) {
    this.#net = net;
  }

  queueXmit(sk: InetSock, skb: SkBuff, ecn = 0): number {
    return ipQueueXmit(this.#net, sk, skb, ecn);
  }

  buildAndSendPkt(skb: SkBuff, sk: InetSock, route: Rtable, saddr: number, daddr: number, tos: number): number {
    return ipBuildAndSendPkt(this.#net, skb, sk, route as Route, saddr, daddr, tos);
  }

  sendUnicastReply(to: SkBuff, reply: SkBuff, protocol: number, tos: number): void {
    ipSendUnicastReply(this.#net, to, reply, protocol, tos);
  }

  routeConnect(sk: InetSock): number {
    return ipRouteConnect(this.#net, sk);
  }

  skDstCheck(sk: InetSock): Rtable | null {
    return skDstCheck(sk) ?? ipRouteOutputPorts(this.#net, sk);
  }

  routeOutput(flow: Flow4): Rtable | null {
    return ipRouteOutputFlow(this.#net, flow);
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
    return ipSendDatagram(this.#net, sk, skb, route as Route, saddr, daddr, ttl, tos);
  }

  icmpSend(skb: SkBuff, type: number, code: number, info: number): void {
    icmpSend(this.#net, skb, type, code, info);
  }

  updatePmtu(daddr: number, mtu: number): void {
    ipRtUpdatePmtu(this.#net, daddr, mtu);
  }

  addressType(address: number): number {
    return this.#net.fib.addressType(address, null);
  }
}
