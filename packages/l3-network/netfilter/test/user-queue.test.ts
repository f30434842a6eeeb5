import {
  NF_ACCEPT,
  NF_DROP,
  NF_QUEUE_NR,
  NF_REPEAT,
  type UserAnswer,
  type UserPacket,
  type UserQueueOptions,
} from '@stack/netfilter';
import { CHECKSUM_PARTIAL, CHECKSUM_UNNECESSARY, DropReason, ip, udp, type SkBuff } from '@stack/skb';
import { csumFold, csumPseudo } from '@stack/memory';
import { decodeFrame, ethernetFrame, icmpFrame, tcpFrame, udpFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import { hookAt, Path } from './setup.ts';

/** A packet as a hook sees it, of a frame. */
function packet(path: Path, frame: Uint8Array): SkBuff {
  const skb = path.pool.alloc(2048)!;
  skb.reserve(128);
  skb.putData(frame, 14);
  skb.resetNetworkHeader();
  skb.transportHeader = skb.networkHeader + ip.headerLength(skb);
  return skb;
}

/** What came through, as a frame taken apart. */
function came(skb: SkBuff) {
  return decodeFrame(ethernetFrame(0x0800, skb.arena.u8.slice(skb.data, skb.data + skb.len)));
}

interface Asked extends UserPacket {
  answer(answer: UserAnswer): Promise<void>;
}

/** A path whose packets all wait in queue 5 for what the test answers. */
function asking(options?: UserQueueOptions, strict = true) {
  const path = new Path({ strict });
  const asked: Asked[] = [];
  const through: ReturnType<typeof came>[] = [];
  path.nf.register(hookAt(0, () => NF_QUEUE_NR(5)));
  path.nf.register(hookAt(1, (skb) => (through.push(came(skb)), NF_ACCEPT)));
  const queue = path.nf.userQueue(
    5,
    (packet) =>
      new Promise((resolve) => {
        asked.push({ ...packet, answer: (answer) => (resolve(answer), new Promise((done) => setImmediate(done))) });
      }),
    options,
  );
  return { path, asked, through, queue };
}

const datagram = (payload: string) => udpFrame({ sourcePort: 5, destinationPort: 7, payload });

test('a packet waits for the answer, and goes on behind the hook that queued it', async () => {
  const { path, asked, through, queue } = asking();
  expect(path.pass(packet(path, datagram('hello')))).toBe(0);
  expect(through).toHaveLength(0);
  expect(asked[0]).toMatchObject({ id: 1, hook: 1, in: null, out: null, mark: 0 });
  expect(decodeFrame(ethernetFrame(0x0800, asked[0].bytes)).udp).toMatchObject({
    destinationPort: 7,
    checksumOk: true,
  });
  expect(queue.length).toBe(1);
  await asked[0].answer(NF_ACCEPT);
  expect(through).toHaveLength(1);
  expect(queue).toMatchObject({ length: 0, total: 1, dropped: 0, userDropped: 0 });
});

test('answers may come in any order, and drop', async () => {
  const { path, asked, through } = asking();
  for (const text of ['one', 'two', 'three']) path.pass(packet(path, datagram(text)));
  await asked[2].answer(NF_ACCEPT);
  await asked[0].answer(NF_DROP);
  await asked[1].answer({ mark: 9 });
  expect(through.map(({ payload }) => new TextDecoder().decode(payload))).toEqual(['three', 'two']);
  expect(path.pool.drops[DropReason.NETFILTER_DROP]).toBe(1);
});

test.each([
  ['shorter', 'hi'],
  ['of equal length', 'HELLO'],
  ['longer', 'hello, and a good evening to you'],
])('a payload that was made %s arrives with its lengths and checksums right', async (_what, text) => {
  const { path, asked, through } = asking();
  path.pass(packet(path, datagram('hello')));
  const bytes = new Uint8Array(28 + text.length);
  bytes.set(asked[0].bytes.subarray(0, 28));
  bytes.set(new TextEncoder().encode(text), 28);
  await asked[0].answer({ bytes });
  expect(through[0]).toMatchObject({
    ip: { totalLength: 28 + text.length, checksumOk: true },
    udp: { length: 8 + text.length, checksumOk: true },
  });
  expect(new TextDecoder().decode(through[0].payload)).toBe(text);
});

test('a rewritten packet may outgrow its buffer', async () => {
  const { path, asked, through } = asking();
  path.pass(packet(path, datagram('hello')));
  const bytes = new Uint8Array(9000);
  bytes.set(asked[0].bytes);
  await asked[0].answer({ bytes });
  expect(through[0]).toMatchObject({ ip: { totalLength: 9000, checksumOk: true }, udp: { checksumOk: true } });
});

test('tcp and icmp are summed too; a datagram without a checksum stays without', async () => {
  const { path, asked, through } = asking();
  const frames = [
    tcpFrame({ sourcePort: 1, destinationPort: 2, flags: 'P.', payload: 'abc' }),
    icmpFrame({ type: 8, payload: 'abc' }),
    udpFrame({ sourcePort: 1, destinationPort: 2, payload: 'abc', checksum: false }),
  ];
  for (const frame of frames) path.pass(packet(path, frame));
  for (const { bytes, answer } of asked) {
    const changed = bytes.slice();
    changed[changed.length - 1] = 0x7a;
    await answer({ bytes: changed });
  }
  expect(through).toMatchObject([
    { tcp: { checksumOk: true } },
    { icmp: { checksumOk: true } },
    { udp: { checksum: 0 } },
  ]);
});

test('a checksum that was left to the chip is made before the handler sees the packet', async () => {
  const { path, asked, through } = asking();
  const skb = packet(path, datagram('hello'));
  udp.setCheck(skb, ~csumFold(csumPseudo(ip.saddr(skb), ip.daddr(skb), 13, 17)) & 0xffff);
  skb.ipSummed = CHECKSUM_PARTIAL;
  skb.csumStart = skb.transportHeader;
  skb.csumOffset = 6;
  path.pass(skb);
  expect(skb.ipSummed).not.toBe(CHECKSUM_PARTIAL);
  expect(decodeFrame(ethernetFrame(0x0800, asked[0].bytes)).udp).toMatchObject({ checksumOk: true });
  await asked[0].answer(NF_ACCEPT);
  expect(through).toMatchObject([{ udp: { checksumOk: true } }]);
});

test('a packet whose sum the card had checked is checked again when it was rewritten', async () => {
  const { path, asked } = asking();
  const skb = packet(path, datagram('hello'));
  skb.ipSummed = CHECKSUM_UNNECESSARY;
  let summed = -1;
  path.nf.register(hookAt(2, (late) => ((summed = late.ipSummed), NF_ACCEPT)));
  path.pass(skb);
  await asked[0].answer({ bytes: asked[0].bytes });
  expect(summed).toBe(0);
});

test.each([
  ['not IPv4', new Uint8Array(40).fill(0x60)],
  ['cut off in the header', Uint8Array.of(0x45, 0, 0)],
  ['cut off in the transport header', udpFrame({ sourcePort: 1, destinationPort: 2 }).subarray(14, 38)],
  ['too long', new Uint8Array(70_000).fill(0x45)],
])('bytes that are %s are not sent', async (_what, bytes) => {
  const { path, asked, through, queue } = asking();
  path.pass(packet(path, datagram('hello')));
  await asked[0].answer({ bytes });
  expect(through).toHaveLength(0);
  expect(queue.userDropped).toBe(1);
});

test.each([
  [false, 0],
  [true, 1],
])('of a full queue, with failOpen %s, %i packets pass', async (failOpen, pass) => {
  const { path, asked, through, queue } = asking({ limit: 2, failOpen });
  for (let i = 0; i < 3; i++) path.pass(packet(path, datagram('x')));
  expect(queue).toMatchObject({ length: 2, total: 2, dropped: 1 });
  expect(through).toHaveLength(pass);
  await asked[0].answer(NF_DROP);
  await asked[1].answer(NF_DROP);
  path.pass(packet(path, datagram('x')));
  expect(asked).toHaveLength(3);
  await asked[2].answer(NF_DROP);
});

test.each([
  [false, 0],
  [true, 2],
])('when a queue closes, with failOpen %s, %i of two packets pass', (failOpen, pass) => {
  const { path, through, queue } = asking({ failOpen });
  for (let i = 0; i < 2; i++) path.pass(packet(path, datagram('x')));
  queue.close();
  expect(through).toHaveLength(pass);
  expect(path.pool.live).toBe(0);
});

test('an answer that comes after the hook has gone does nothing', async () => {
  const path = new Path();
  let answer: (answer: UserAnswer) => void = () => {};
  const undo = path.nf.register(hookAt(0, () => NF_QUEUE_NR(5)));
  path.nf.userQueue(5, () => new Promise((resolve) => (answer = resolve)));
  path.pass(packet(path, datagram('x')));
  undo();
  answer({ bytes: datagram('y').subarray(14) });
  await new Promise((done) => setImmediate(done));
  expect(path.through).toHaveLength(0);
});

test('REPEAT asks the hook again', async () => {
  const { path, asked } = asking();
  path.pass(packet(path, datagram('x')));
  await asked[0].answer(NF_REPEAT);
  expect(asked).toHaveLength(2);
  await asked[1].answer(NF_DROP);
});

test.each<[string, () => UserAnswer | Promise<UserAnswer>]>([
  [
    'throws',
    () => {
      throw new Error('lost');
    },
  ],
  ['rejects', () => Promise.reject(new Error('lost'))],
  ['answers nonsense', () => 'yes' as unknown as UserAnswer],
])('a handler that %s loses its queue, and is reported', async (_what, handler) => {
  const path = new Path({ strict: false });
  path.nf.register(hookAt(0, () => NF_QUEUE_NR(5)));
  path.nf.userQueue(5, handler);
  path.pass(packet(path, datagram('x')));
  await new Promise((done) => setImmediate(done));
  expect(path.pool.live).toBe(0);
  expect(path.faults).toMatchObject([{ name: 'handler of queue 5' }]);
  path.nf.userQueue(5, () => NF_ACCEPT); // the number is free again
});

test('a queue that can hold nothing is refused', () => {
  const { path } = asking();
  expect(() => path.nf.userQueue(6, () => NF_ACCEPT, { limit: 0 })).toThrow('cannot hold 0');
});
