import { createCable, type CableOptions, type Frame } from '@stack/cable';
import { MSEC } from '@stack/clock';
import { decodeFrame, machine, udpFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import { captureCable, INBOUND, OUTBOUND, PcapWriter, readCapture, replay } from '../src/index.ts';
import { hasTshark, tshark } from './tshark.ts';

const datagram = (payload: string): Uint8Array => udpFrame({ sourcePort: 1, destinationPort: 2, payload });

/** A file of three datagrams, a millisecond apart; the second one is inbound. */
function threeDatagrams() {
  const writer = new PcapWriter();
  const interfaceId = writer.addInterface({ name: 'eth0' });
  ['one', 'two', 'three'].forEach((text, i) => {
    writer.packet({ interfaceId, at: 7 * MSEC + i * MSEC, flags: i === 1 ? INBOUND : OUTBOUND }, datagram(text));
  });
  return readCapture(writer.bytes());
}

function wired(options: CableOptions = {}) {
  const { clock, random, arena } = machine({ timers: true });
  const cable = createCable({ clock, random, arena, ...options });
  const got: [number, Uint8Array][] = [];
  const receive = (frame: Frame): void => {
    const bytes = new Uint8Array(frame.length);
    frame.copyTo(bytes, 0);
    got.push([clock.now(), bytes]);
  };
  const undo = cable.b.plug({ receive, linkChanged() {} });
  return { clock, cable, got, undo };
}

test('a replay keeps the intervals', () => {
  const { clock, cable, got } = wired();
  clock.runUntil(MSEC);
  const running = replay(threeDatagrams(), cable.a, { clock });
  clock.runUntil(2.5 * MSEC);
  expect([running.sent, running.done]).toEqual([2, false]);
  clock.runToEnd();
  expect(got).toEqual([
    [MSEC, datagram('one')],
    [2 * MSEC, datagram('two')],
    [3 * MSEC, datagram('three')],
  ]);
  running.stop();
  expect(cable.up).toBe(false);
});

test('a replay is selective, faster, and waits for the wire', () => {
  const { clock, cable, got } = wired({ rate: '1Mbit' });
  const running = replay(threeDatagrams(), cable.a, {
    clock,
    filter: ({ flags }) => flags === OUTBOUND,
    speed: Infinity,
  });
  clock.drain();
  expect(running.sent).toBe(1);
  clock.runToEnd();
  const bits = (text: string): number => (datagram(text).length + 24) * 8 * 1000;
  expect(got.map(([at]) => at)).toEqual([bits('one'), bits('one') + bits('three')]);
});

test('a replay stops when told, and leaves out what is not whole', () => {
  const { clock, cable, got } = wired();
  const writer = new PcapWriter({ snapLength: 30 });
  const interfaceId = writer.addInterface({ name: 'eth0' });
  for (const length of [30, 60, 25, 20])
    writer.packet({ interfaceId, at: length === 20 ? MSEC : 0 }, new Uint8Array(length));
  const heard: number[] = [];
  const running = replay(readCapture(writer.bytes()), cable.a, { clock, receive: (frame) => heard.push(frame.length) });
  clock.drain();
  running.stop();
  clock.runToEnd();
  expect([running.sent, running.truncated, got.length]).toEqual([2, 1, 2]);
});

test('a file without Ethernet is refused', () => {
  const { clock, cable } = wired();
  const writer = new PcapWriter();
  writer.addInterface({ name: 'tun0', linkType: 101 });
  expect(() => replay(readCapture(writer.bytes()), cable.a, { clock })).toThrow(
    /link type 101.*capture on an Ethernet device/,
  );
});

test('what a cable carries is in the file, with what it did to each frame', () => {
  const { clock, cable } = wired({ delay: '1ms', loss: (_, index) => index === 1, duplicate: 1 });
  const writer = new PcapWriter();
  const stop = captureCable(cable, writer, { name: 'wire' });
  replay(threeDatagrams(), cable.a, { clock });
  clock.runToEnd();
  stop();
  stop();
  const bytes = writer.bytes();
  const { packets, interfaces, start } = readCapture(bytes);
  expect(interfaces).toEqual([{ name: 'wire', linkType: 1, speed: 0, statistics: { received: 3, dropped: 1 } }]);
  expect(start).toBe(0n);
  expect(packets.map(({ at, comment, flags }) => [at, comment, flags])).toEqual([
    [0, 'duplicated', OUTBOUND],
    [MSEC, 'lost', OUTBOUND],
    [2 * MSEC, 'duplicated', OUTBOUND],
  ]);
  expect(packets.map(({ bytes }) => Buffer.from(decodeFrame(bytes).payload).toString())).toEqual([
    'one',
    'two',
    'three',
  ]);
  if (hasTshark) expect(tshark(bytes, ['frame.comment'])).toEqual([['duplicated'], ['lost'], ['duplicated']]);
});

test('the same seed gives the same file, byte for byte', () => {
  const file = (): Uint8Array => {
    const { clock, cable } = wired({ rate: '1Mbit', loss: 0.5, corrupt: 0.5, reorder: 0.5 });
    const writer = new PcapWriter();
    captureCable(cable, writer);
    replay(threeDatagrams(), cable.a, { clock });
    clock.runToEnd();
    return writer.bytes();
  };
  expect(file()).toEqual(file());
});

test('a capture of what arrives leaves out what is lost', () => {
  const { clock, cable } = wired({ loss: (_frame, index) => index === 1 });
  const writers = [new PcapWriter(), new PcapWriter()];
  const stops = writers.map((writer, i) => captureCable(cable, writer, { arrivedOnly: i === 1 }));
  replay(threeDatagrams(), cable.a, { clock });
  clock.runToEnd();
  for (const stop of stops) stop();
  const [all, arrived] = writers.map((writer) => readCapture(writer.bytes()));
  expect(all.packets.map(({ comment }) => comment)).toEqual(['', 'lost', '']);
  expect(arrived.packets.map(({ bytes }) => bytes)).toEqual([datagram('one'), datagram('three')]);
});
