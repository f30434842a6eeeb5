import { IP_PMTUDISC_WANT, type InetSock, type IpSettings, type NetProtocol } from '@stack/ipv4';
import { ip, skbCopyToBytes, type SkBuff } from '@stack/skb';
import { ipNumber, ipText } from '@stack/testing';
import type { Station } from './network.ts';

/** A socket as IPv4 sees it. */
export function fakeSock(source: string, destination: string, given: Partial<InetSock & IpSettings> = {}): InetSock {
  const { protocol = 17, inetId = 0, ...settings } = given;
  return {
    protocol,
    saddr: source === '' ? 0 : ipNumber(source),
    daddr: ipNumber(destination),
    sport: 1000,
    dport: 2000,
    settings: { tos: 0, ttl: -1, pmtudisc: IP_PMTUDISC_WANT, mark: 0, priority: 0, ipOptions: null, ...settings },
    inetId,
    boundDevIf: 0,
    dstCache: null,
  };
}

/** A buffer with a payload and room for all headers. */
export function segment(station: Station, payload: Uint8Array | number): SkBuff {
  const bytes = typeof payload === 'number' ? pattern(payload) : payload;
  const room = station.ip.maxHeader;
  const skb = station.core.pool.alloc(Math.min(room + bytes.length, 65_536))!;
  skb.reserve(room);
  const linear = Math.min(bytes.length, skb.tailroom);
  station.core.arena.u8.set(bytes.subarray(0, linear), skb.put(linear));
  for (let at = linear; at < bytes.length; at += 32_768) {
    const part = bytes.subarray(at, at + 32_768);
    const page = station.core.arena.alloc(32_768);
    station.core.arena.u8.set(part, page);
    skb.addFrag(page, 0, part.length, 32_768);
  }
  return skb;
}

/** Bytes that tell where they belong. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >>> 8)) & 0xff);
}

/** What came to a transport protocol. */
export interface Received {
  source: string;
  destination: string;
  payload: Uint8Array;
  ttl: number;
  tos: number;
}

export interface Told {
  type: number;
  code: number;
  info: number;
  /** Destination of the packet that is quoted. */
  about: string;
}

/** Puts a protocol on a host that keeps what comes. */
export function listen(
  station: Station,
  number = 17,
  more: Partial<NetProtocol> = {},
): { got: Received[]; told: Told[] } {
  const got: Received[] = [];
  const told: Told[] = [];
  const text = (skb: SkBuff, at: number): string => ipText(skb.arena.u8.slice(at, at + 4));
  station.net.protocols.add(number, {
    name: `protocol ${number}`,
    netnsOk: true,
    noPolicy: true,
    handler(skb) {
      const payload = new Uint8Array(skb.len);
      skbCopyToBytes(skb, 0, payload, 0, skb.len);
      got.push({
        source: text(skb, skb.networkHeader + 12),
        destination: text(skb, skb.networkHeader + 16),
        payload,
        ttl: ip.ttl(skb),
        tos: ip.tos(skb),
      });
      skb.consume();
      return 0;
    },
    errHandler(skb, type, code, info) {
      told.push({ type, code, info, about: text(skb, skb.data + 16) });
    },
    ...more,
  });
  return { got, told };
}
