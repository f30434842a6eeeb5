import type { NetProtocol } from '@stack/ipv4';
import type { TcpProtocol } from '../protocol.ts';
import { tcpV4EarlyDemux } from './early-demux.ts';
import { tcpV4Err } from './v4-err.ts';
import { tcpV4Rcv } from './v4-rcv.ts';

/** TCP as IPv4 sees it. @kernel net/ipv4/af_inet.c tcp_protocol */
export function tcpProtocol(tcp: TcpProtocol): NetProtocol {
  return {
    name: 'TCP',
    netnsOk: true,
    noPolicy: true,
    handler: (skb) => tcpV4Rcv(tcp, skb),
    errHandler: (skb, type, code, info) => tcpV4Err(tcp, skb, type, code, info),
    earlyDemux: (skb) => tcpV4EarlyDemux(tcp, skb),
  };
}
