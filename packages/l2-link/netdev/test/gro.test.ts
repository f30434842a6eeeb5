import { MSEC } from '@stack/clock';
import {
  CHECKSUM_NONE,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNNECESSARY,
  eth,
  ip,
  SKB_GSO_TCP_ECN,
  SKB_GSO_TCPV4,
  tcp,
} from '@stack/skb';
import { decodeFrame, tcpFrame, udpFrame, type TcpFields } from '@stack/testing';
import { expect, test } from 'vitest';
import { GRO_HELD, GRO_MERGED, GRO_NORMAL, PacketTypes } from '@stack/netdev';
import { bytesOf } from './fake-device.ts';
import { groHost, SHAPES } from './gro-host.ts';

const MSS = 1_448;

/** A run of segments with text that tells them apart; `change` alters some. */
function segments(count: number, change: (index: number) => Partial<TcpFields> = () => ({}), size = MSS): Uint8Array[] {
  return Array.from({ length: count }, (_, index) =>
    tcpFrame({
      sourcePort: 1000,
      destinationPort: 80,
      id: 100 + index,
      dontFragment: true,
      seq: 0xfffff000 + index * size,
      ack: 77,
      flags: '.',
      options: { timestamps: { value: 1, echo: 2 } },
      payload: new Uint8Array(size).map((_, at) => at * 7 + index),
      ...change(index),
    }),
  );
}

test.each(SHAPES)('segments that follow each other come up as one (%s)', (shape) => {
  const t = groHost();
  const frames = segments(44);
  t.receive(frames, shape);
  expect(t.up).toHaveLength(1);
  const [skb] = t.up;
  expect(skb).toMatchObject({ len: 52 + 44 * MSS, ipSummed: CHECKSUM_PARTIAL, next: null, prev: null });
  expect(skb.shinfo).toMatchObject({ gsoSize: MSS, gsoSegs: 44, gsoType: SKB_GSO_TCPV4 });
  expect(t.results).toEqual([GRO_HELD, ...Array<number>(43).fill(GRO_MERGED)]);
  expect(ip.checkIsRight(skb)).toBe(true);
  expect(ip.totalLength(skb)).toBe(skb.len);
  expect(t.cut(skb)).toEqual(frames);
  t.release();
});

test('more than 64 KB become two packets', () => {
  const t = groHost();
  const frames = segments(60);
  t.receive(frames);
  expect(t.up.map((skb) => skb.shinfo.gsoSegs)).toEqual([45, 15]);
  expect(t.up.flatMap((skb) => t.cut(skb))).toEqual(frames);
  t.release();
});

test.each(SHAPES)('who gets the merged packet may free it while its last segment is still at hand (%s)', (shape) => {
  const t = groHost();
  t.up.push = (skb) => (skb.consume(), 0);
  t.receive(
    segments(20, (index) => (index === 19 ? { flags: 'P.' } : {})),
    shape,
  );
  expect(t.results).toEqual([GRO_HELD, ...Array<number>(19).fill(GRO_MERGED)]);
});

test('the truesize of a merged packet is that of all its buffers', () => {
  const t = groHost();
  t.receive(segments(1), 'copied');
  const alone = t.up[0].truesize;
  t.release();
  t.receive(segments(10), 'copied');
  expect(t.up[0].truesize).toBe(10 * alone);
  t.release();
});

/** What must not be merged with the segment before it: where the packets are cut. */
const different: [string, Partial<TcpFields>][] = [
  ['another acknowledgement', { ack: 78 }],
  ['another window', { window: 4_000 }],
  ['another time stamp', { options: { timestamps: { value: 2, echo: 2 } } }],
  ['no option', { options: {} }],
  ['another TTL', { ttl: 63 }],
  ['another TOS', { tos: 2 }],
  ['a gap', { seq: 5 }],
  ['DF cleared', { dontFragment: false }],
  ['an id that does not follow', { id: 9_999 }],
  ['URG', { flags: 'U.' }],
  ['ECE', { flags: 'E.' }],
  ['CWR', { flags: 'W.' }],
  ['RST', { flags: 'R.' }],
];

test.each(different)('%s is not merged', (_, fields) => {
  const t = groHost();
  const frames = segments(6, (index) => (index === 3 ? fields : {}));
  t.receive(frames);
  expect(t.up.length).toBeGreaterThan(1);
  expect(t.up[0].shinfo.gsoSegs).toBe(3);
  expect(t.up.flatMap((skb) => t.cut(skb))).toEqual(frames);
  t.release();
});

test('ids that stay the same are merged too when they mean nothing, and restored', () => {
  const t = groHost();
  const frames = segments(5, () => ({ id: 4_711 }));
  t.receive(frames);
  expect(t.up).toHaveLength(1);
  expect(t.cut(t.up[0])).toEqual(frames);
  t.release();
  t.receive(segments(5, () => ({ id: 4_711, dontFragment: false })));
  expect(t.up).toHaveLength(5);
  t.release();
});

test('push and end are kept, and end the packet', () => {
  const t = groHost();
  const frames = segments(4, (index) => (index === 1 ? { flags: 'P.' } : index === 3 ? { flags: 'F.' } : {}));
  t.receive(frames);
  expect(t.up.map((skb) => [skb.shinfo.gsoSegs, tcp.flags(skb)])).toEqual([
    [2, tcp.ACK | tcp.PSH],
    [2, tcp.ACK | tcp.FIN],
  ]);
  expect(t.up.flatMap((skb) => t.cut(skb))).toEqual(frames);
  t.release();
});

test('CWR may be in the first one only', () => {
  const t = groHost();
  const frames = segments(3, (index) => (index === 0 ? { flags: 'W.' } : {}));
  t.receive(frames);
  expect(t.up).toHaveLength(1);
  expect(t.up[0].shinfo.gsoType).toBe(SKB_GSO_TCPV4 | SKB_GSO_TCP_ECN);
  expect(t.cut(t.up[0])).toEqual(frames);
  t.release();
});

test('a short segment is the last one of its packet, and a longer one begins the next', () => {
  const t = groHost();
  const seqs = [0, 1_000, 2_000, 2_500, 3_500, 4_700];
  const sizes = [1_000, 1_000, 500, 1_000, 1_200, 100];
  const frames = segments(6, (index) => ({ seq: seqs[index], payload: new Uint8Array(sizes[index]).fill(index) }));
  t.receive(frames);
  expect(t.up.map((skb) => skb.shinfo.gsoSegs || 1)).toEqual([3, 1, 2]);
  expect(t.up.flatMap((skb) => t.cut(skb))).toEqual(frames);
  t.release();
});

test('acknowledgements, padded frames and other protocols pass at once, in order', () => {
  const t = groHost();
  const padded = new Uint8Array(60);
  padded.set(tcpFrame({ sourcePort: 1000, destinationPort: 80, flags: '.', payload: 'x' }));
  const frames = [
    ...segments(1, () => ({ payload: new Uint8Array(0) })),
    padded,
    udpFrame({ sourcePort: 1, destinationPort: 2, payload: 'y' }),
    ...segments(1, () => ({ moreFragments: true, dontFragment: false })),
  ];
  t.receive(frames);
  expect(t.results).toEqual([GRO_NORMAL, GRO_NORMAL, GRO_NORMAL, GRO_NORMAL]);
  expect(t.up.map((skb) => (skb.push(14), bytesOf(skb)))).toEqual(frames);
  t.release();
});

test('an acknowledgement does not overtake the data before it', () => {
  const t = groHost();
  const frames = [
    ...segments(2),
    ...segments(1, () => ({ seq: 0xfffff000 + 2 * MSS, payload: new Uint8Array(0), ack: 78 })),
  ];
  t.receive(frames);
  expect(t.up.map((skb) => skb.len)).toEqual([52 + 2 * MSS, 52]);
  t.release();
});

test('a wrong checksum is left to TCP to find, and nothing is merged with it', () => {
  const t = groHost();
  const frames = segments(3);
  frames[1][14 + 20 + 32 + 5] ^= 0xff;
  t.receive(frames);
  expect(t.up.map((skb) => skb.ipSummed)).toEqual([CHECKSUM_UNNECESSARY, CHECKSUM_NONE, CHECKSUM_UNNECESSARY].sort());
  expect(t.up).toHaveLength(3);
  const wrong = t.up.find((skb) => skb.ipSummed === CHECKSUM_NONE)!;
  wrong.push(14);
  expect(decodeFrame(bytesOf(wrong)).tcp).toMatchObject({ checksumOk: false });
  t.release();
});

test('what the chip has verified is not summed again', () => {
  const t = groHost();
  const frames = segments(3);
  for (const frame of frames) frame[14 + 20 + 32 + 5] ^= 0xff;
  t.receive(frames, 'headFrag', (skb) => void (skb.ipSummed = CHECKSUM_UNNECESSARY));
  expect(t.up).toHaveLength(1);
  t.release();
});

test('a sum of the whole packet serves as well', () => {
  const t = groHost();
  t.receive(segments(3), 'headFrag', (skb) => {
    skb.ipSummed = 2;
    skb.csum = skb.arena.checksum(skb.data + 14, skb.len - 14, 0);
  });
  expect(t.up).toHaveLength(1);
  t.release();
});

test('flows are told apart; the oldest one goes when there are too many', () => {
  const t = groHost();
  const flow = (port: number, index: number) =>
    segments(1, () => ({ sourcePort: port, id: 100 + index, seq: index * MSS }))[0];
  t.receive([0, 1, 2].flatMap((index) => Array.from({ length: 8 }, (_, port) => flow(port + 1, index))));
  expect(t.up.map((skb) => [tcp.source(skb), skb.shinfo.gsoSegs])).toEqual(
    Array.from({ length: 8 }, (_, port) => [port + 1, 3]),
  );
  t.release();
  t.receive([0, 1].flatMap((index) => Array.from({ length: 9 }, (_, port) => flow(port + 1, index))));
  expect(t.up).toHaveLength(18);
  t.release();
});

test('frames of other neighbours or networks are not merged', () => {
  const t = groHost();
  t.receive(segments(4, (index) => (index % 2 === 1 ? { macSource: '02:00:00:00:00:09' } : {})));
  expect(t.up).toHaveLength(4);
  t.release();
  let index = 0;
  t.receive(segments(4), 'headFrag', (skb) => {
    skb.vlanPresent = true;
    skb.vlanTci = index++ >> 1;
  });
  expect(t.up.map((skb) => skb.shinfo.gsoSegs)).toEqual([2, 2]);
  t.release();
});

test('nothing is held from one poll to the next when the work is done', () => {
  const t = groHost();
  const frames = segments(2);
  t.receive(frames.slice(0, 1));
  expect(t.up).toHaveLength(1);
  t.receive(frames.slice(1));
  expect(t.up).toHaveLength(2);
  expect(t.up.map((skb) => skb.isGso)).toEqual([false, false]);
  t.release();
});

test.each([
  [0, 127],
  [MSEC, 63],
])('after %i ns in a busy poll, what is held goes up as number %i', (passes, place) => {
  const t = groHost();
  let last = 0;
  t.host.get(PacketTypes).add({
    name: 'time passes',
    type: eth.TYPE_ALL,
    dev: null,
    func(skb) {
      t.lab.clock.runUntil((last += passes / 8));
      skb.consume();
      return 0;
    },
  });
  t.receive([...segments(1), ...Array.from({ length: 127 }, () => udpFrame({ sourcePort: 1, destinationPort: 2 }))]);
  expect(t.up.findIndex((skb) => ip.protocol(skb) === ip.PROTO_TCP)).toBe(place);
  t.release();
});

test('without the feature every frame passes as it is', () => {
  const t = groHost();
  t.fake.dev.features = 0;
  const frames = segments(3);
  t.receive(frames);
  expect(t.up.map((skb) => (skb.push(14), bytesOf(skb)))).toEqual(frames);
  t.release();
});
