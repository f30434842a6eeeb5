import { seededRandom } from '@stack/clock';
import { StackError } from '@stack/plugin';
import { udpFrame } from '@stack/testing';
import { describe, expect, test } from 'vitest';
import { CRC_ERROR, INBOUND, LINKTYPE_RAW, OUTBOUND, PcapWriter, readCapture } from '../src/index.ts';
import { hasTshark, tshark } from './tshark.ts';

const frame = (payload: string): Uint8Array => udpFrame({ sourcePort: 40_000, destinationPort: 40_001, payload });

function sample(): Uint8Array {
  const writer = new PcapWriter({ epoch: 1_700_000_000 });
  const eth0 = writer.addInterface({ name: 'eth0', speed: 1e9 });
  const raw = writer.addInterface({ name: 'größer', linkType: LINKTYPE_RAW });
  writer.packet({ interfaceId: eth0, at: 1_000_000_001, flags: OUTBOUND }, frame('one'));
  writer.packet(
    { interfaceId: eth0, at: 5_000_000_000, flags: INBOUND | CRC_ERROR, comment: 'lost: naïve' },
    frame('twoo'),
  );
  writer.packet({ interfaceId: raw, at: 2 ** 45, dropCount: 3 }, frame('three'), 14);
  writer.statistics(eth0, 2 ** 45, 3, 1);
  return writer.bytes();
}

describe('a pcapng file', () => {
  test('reads back as it was written', () => {
    const file = readCapture(sample());
    expect(file.interfaces).toEqual([
      { name: 'eth0', linkType: 1, speed: 1e9, statistics: { received: 3, dropped: 1 } },
      { name: 'größer', linkType: LINKTYPE_RAW, speed: 0, statistics: null },
    ]);
    expect(file.start).toBe(1_700_000_001_000_000_001n);
    expect(file.packets.map(({ at, interfaceId, flags, comment }) => [at, interfaceId, flags, comment])).toEqual([
      [0, 0, OUTBOUND, ''],
      [3_999_999_999, 0, INBOUND | CRC_ERROR, 'lost: naïve'],
      [2 ** 45 - 1_000_000_001, 1, 0, ''],
    ]);
    expect(file.packets.map(({ bytes }) => bytes)).toEqual([frame('one'), frame('twoo'), frame('three').subarray(14)]);
  });

  test.skipIf(!hasTshark)('is whole in the eyes of tshark', () => {
    const fields = [
      'frame.time_epoch',
      'frame.interface_name',
      'frame.comment',
      'frame.packet_flags_direction',
      'udp.length',
    ];
    expect(tshark(sample(), fields)).toEqual([
      ['1700000001.000000001', 'eth0', '', '0x00000002', '11'],
      ['1700000005.000000000', 'eth0', 'lost: naïve', '0x00000001', '12'],
      ['1700035184.372088832', 'größer', '', '', '13'],
    ]);
    expect(
      tshark(sample(), ['frame.number'], '_ws.malformed || udp.checksum.status == 0 || ip.checksum.status == 0'),
    ).toEqual([]);
  });

  test('keeps the true length of frames that it cuts', () => {
    const writer = new PcapWriter({ snapLength: 20 });
    writer.packet({ interfaceId: writer.addInterface({ name: 'a' }), at: 0 }, frame('long'));
    expect(readCapture(writer.bytes()).packets[0]).toMatchObject({
      bytes: frame('long').subarray(0, 20),
      originalLength: 46,
    });
  });

  test('comes in chunks, whatever its size', () => {
    const chunks: Uint8Array[] = [];
    const chunked = new PcapWriter({ onChunk: (chunk) => chunks.push(chunk) });
    const whole = new PcapWriter();
    for (const writer of [chunked, whole]) {
      const interfaceId = writer.addInterface({ name: 'a' });
      for (let at = 0; at < 3000; at++) writer.packet({ interfaceId, at }, frame('x'.repeat(at % 90)));
      writer.flush();
    }
    expect(chunks.length).toBeGreaterThan(3);
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(whole.bytes()));
    expect(chunked.bytes().length).toBe(0);
    expect(readCapture(whole.bytes()).packets.length).toBe(3000);
  });

  test('of big-endian machines, other resolutions and several sections is read', () => {
    const u16 = (...values: number[]) => Buffer.concat(values.map((value) => Buffer.from([value >> 8, value])));
    const u32 = (...values: number[]) => Buffer.concat(values.map((value) => u16(value >>> 16, value & 0xffff)));
    const block = (type: number, body: Buffer) =>
      Buffer.concat([u32(type, body.length + 12), body, u32(body.length + 12)]);
    const section = Buffer.concat([
      block(0x0a0d0d0a, Buffer.concat([u32(0x1a2b3c4d), u16(1, 0), u32(-1, -1)])),
      block(1, Buffer.concat([u16(1, 0), u32(0), u16(9, 1), Buffer.from([0x8a, 0, 0, 0])])),
      block(0xbad, u32(1, 2, 3)),
      block(6, Buffer.concat([u32(0, 0, 1024, 4, 4), Buffer.from('abcd')])),
      block(3, Buffer.concat([u32(2), Buffer.from('ef\0\0')])),
    ]);
    const file = readCapture(Buffer.concat([section, section]));
    expect(file.start).toBe(1_000_000_000n);
    expect(file.packets.map(({ interfaceId, bytes }) => [interfaceId, Buffer.from(bytes).toString()])).toEqual([
      [0, 'abcd'],
      [0, 'ef'],
      [1, 'abcd'],
      [1, 'ef'],
    ]);
  });
});

describe('a classic pcap file', () => {
  test.each([
    ['microseconds', 0xa1b2c3d4, 1000],
    ['nanoseconds', 0xa1b23c4d, 1],
  ])('in %s is read, in either byte order', (_, magic, unit) => {
    for (const little of [true, false]) {
      const view = new DataView(new ArrayBuffer(24 + 2 * 20));
      [magic, 0x00020004, 0, 0, 65_535, 1, 7, 500, 4, 9, 0x61626364, 8, 250, 4, 4, 0].forEach((value, i) =>
        view.setUint32(4 * i, value, little),
      );
      const { packets, start, interfaces } = readCapture(new Uint8Array(view.buffer));
      expect(interfaces).toEqual([{ name: '', linkType: 1, speed: 0, statistics: null }]);
      expect(start).toBe(BigInt(7e9 + 500 * unit));
      expect(packets.map(({ at, originalLength }) => [at, originalLength])).toEqual([
        [0, 9],
        [1e9 - 250 * unit, 4],
      ]);
    }
  });
});

describe('what is no capture file', () => {
  const bytes = sample();
  const patched = (at: number, value: number): Uint8Array => {
    const copy = bytes.slice();
    copy[at] = value;
    return copy;
  };
  test.each([
    ['nothing', new Uint8Array(0), /beyond its end/],
    ['something else', new Uint8Array(100), /magic/],
    ['one without byte order', patched(8, 0), /byte order/],
    ['a block with a wrong length', patched(4, 3), /has 3 bytes/],
    ['a block that is cut off', bytes.subarray(0, bytes.length - 8), /block at byte/],
  ])('%s', (_, file, problem) => {
    expect(() => readCapture(file)).toThrow(
      expect.objectContaining({ code: 'ERR_STACK_PCAP_FORMAT', message: expect.stringMatching(problem) }),
    );
  });

  test('nor does any damage lead to another error', () => {
    const random = seededRandom(7);
    let refused = 0;
    for (let i = 0; i < 5000; i++) {
      try {
        readCapture(patched(random.below(bytes.length), random.below(256)).subarray(0, bytes.length - random.below(3)));
      } catch (error) {
        expect(error).toBeInstanceOf(StackError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});
