import { CHECKSUM_NONE, ip, type SkBuff, type SkbPool } from '@stack/skb';
import { internetChecksum } from '../checksum.ts';
import { icmpFrame, ipv4Frame, tcpFrame, udpFrame } from '../frames.ts';

/** A packet of some kind: its name, and its bytes as a frame. */
export type Sample = readonly [string, Uint8Array];

const ports = { sourcePort: 40_000, destinationPort: 80 };
const cut = (frame: Uint8Array, bytes: number): Uint8Array => {
  const short = frame.slice(0, bytes);
  short[16] = (bytes - 14) >>> 8; // the header says so, too
  short[17] = bytes - 14;
  short.fill(0, 24, 26);
  const check = internetChecksum(short.subarray(14, 34));
  short[24] = check >>> 8;
  short[25] = check;
  return short;
};

/** Packets of every kind that a hook, a queue or a filter may meet, well-formed and not. */
export const samples: readonly Sample[] = [
  ['a SYN', tcpFrame({ ...ports, flags: 'S', options: { mss: 1460, windowScale: 7 } })],
  ['a segment with data', tcpFrame({ ...ports, flags: 'P.', ack: 1, payload: 'GET / HTTP/1.1\r\n\r\n' })],
  ['a full segment', tcpFrame({ ...ports, flags: '.', ack: 1, payload: new Uint8Array(1460).fill(7) })],
  ['a reset', tcpFrame({ ...ports, flags: 'R' })],
  ['a datagram', udpFrame({ sourcePort: 53, destinationPort: 5353, payload: 'hello' })],
  ['an empty datagram', udpFrame({ sourcePort: 53, destinationPort: 5353 })],
  ['an echo request', icmpFrame({ type: 8, payload: 'ping' })],
  ['a first fragment', ipv4Frame(17, new Uint8Array(64), { moreFragments: true, id: 7 })],
  ['a last fragment', ipv4Frame(17, new Uint8Array(8), { fragmentOffset: 1480, id: 7 })],
  ['a packet with IP options', ipv4Frame(17, new Uint8Array(16), { ipOptions: Uint8Array.of(1, 1, 1, 0) })],
  ['an unknown protocol', ipv4Frame(253, new Uint8Array(40))],
  ['an IP header and nothing else', ipv4Frame(6, new Uint8Array(0))],
  ['a TCP header that is cut off', cut(tcpFrame({ ...ports, flags: 'S' }), 14 + 20 + 6)],
  ['a UDP header that is cut off', cut(udpFrame({ sourcePort: 1, destinationPort: 2 }), 14 + 20 + 3)],
];

/** How the bytes of a packet may lie. */
export const layouts = ['in one piece', 'in fragments', 'with a clone'] as const;
export type Layout = (typeof layouts)[number];

/**
 * The packet as it stands at a hook: `data` at the IP header, which is linear; all behind it may lie in a fragment, or be
 * shared with a clone of which the caller is told.
 */
export function samplePacket(pool: SkbPool, frame: Uint8Array, layout: Layout, share: (skb: SkBuff) => void): SkBuff {
  const header = layout === 'in fragments' ? 14 + (frame[14] & 15) * 4 : frame.length;
  const skb = pool.alloc(256 + header)!;
  skb.reserve(128);
  skb.putData(frame.subarray(0, header));
  skb.resetMacHeader();
  skb.pull(14);
  skb.resetNetworkHeader();
  skb.protocol = 0x0800;
  skb.ipSummed = CHECKSUM_NONE;
  skb.transportHeader = skb.networkHeader + ip.headerLength(skb);
  const rest = frame.length - header;
  if (rest > 0) {
    const page = pool.arena.alloc(rest);
    pool.arena.u8.set(frame.subarray(header), page);
    skb.addFrag(page, 0, rest, rest);
  }
  if (layout === 'with a clone') share(skb);
  return skb;
}
