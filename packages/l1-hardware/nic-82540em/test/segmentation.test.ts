import { array, assert, boolean, integer, property } from 'fast-check';
import { dmaMemory } from '@stack/pci';
import { decodeFrame, machine, tcpFrame } from '@stack/testing';
import { describe, expect, test } from 'vitest';
import { TXD_DEXT, TXD_EOP, TXD_IFCS, TXD_RS, TXD_TSE, TXD_VLE } from '../src/bits.ts';
import * as reg from '../src/registers.ts';
import { StubPort, TinyDriver } from './nic-driver.ts';

const DATA = TXD_DEXT | (1 << 20) | TXD_TSE | TXD_IFCS;
const LAST = TXD_EOP | TXD_RS;
const PAYLOAD = 0x2_0001;

interface Packet {
  payload: number;
  mss: number;
  /** Lengths of the descriptors' pieces, in turn. */
  pieces: readonly number[];
  flags?: string;
  seq?: number;
  id?: number;
  vlan?: boolean;
  timestamps?: boolean;
}

const content = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >>> 8)) & 0xff);

/** Headers as a driver prepares them: no lengths, and the sum of the pseudo-header without a length. */
function prepared({ flags = 'P.', seq = 1000, id = 77, timestamps = false }: Packet): Uint8Array {
  const options = timestamps ? { timestamps: { value: 1, echo: 2 } } : {};
  const frame = tcpFrame({ sourcePort: 4000, destinationPort: 80, flags, seq, ack: 9, id, options });
  const view = new DataView(frame.buffer, frame.byteOffset);
  view.setUint16(16, 0);
  view.setUint16(24, 0);
  let sum = 6;
  for (let at = 26; at < 34; at += 2) sum += view.getUint16(at);
  view.setUint16(50, (sum & 0xffff) + (sum >>> 16));
  return frame.subarray(0, 34 + ((frame[46] >>> 4) << 2));
}

function segment(packet: Packet, shared = true): Uint8Array[] {
  const { clock } = machine();
  const port = new StubPort();
  const driver = new TinyDriver(clock, port, dmaMemory(new Uint8Array(1 << 20)), shared);
  driver.startTransmit(512);
  const headers = prepared(packet);
  const whole = Uint8Array.of(...headers, ...content(packet.payload));
  driver.put(PAYLOAD, whole);
  driver.descriptor(
    14 | (24 << 8) | (33 << 16),
    34 | (50 << 8),
    TXD_DEXT | TXD_TSE | (3 << 24) | packet.payload,
    (headers.length << 8) | (packet.mss << 16),
  );
  if (packet.vlan) {
    driver.write(reg.VET, 0x8100);
    driver.write(reg.CTRL, driver.read(reg.CTRL) | (1 << 30));
  }
  const command = DATA | (packet.vlan ? TXD_VLE : 0);
  for (let at = 0, i = 0; at < whole.length; i++) {
    const n = Math.min(packet.pieces[i % packet.pieces.length], whole.length - at);
    driver.descriptor(PAYLOAD + at, 0, command | n | (at + n === whole.length ? LAST : 0), 0x300 | (0x0123 << 16));
    at += n;
  }
  driver.commit();
  clock.drain();
  return port.sent;
}

/** Everything that RFC 9293 and the manual say of the segments of one packet. */
function check(packet: Packet, sent: readonly Uint8Array[]): void {
  const { payload, mss, flags = 'P.', seq = 1000, id = 77 } = packet;
  const expected = content(payload);
  expect(sent).toHaveLength(Math.max(1, Math.ceil(payload / mss)));
  let done = 0;
  sent.forEach((bytes, index) => {
    const frame = decodeFrame(bytes);
    const last = index === sent.length - 1;
    const length = Math.min(mss, payload - done);
    expect(frame.ip).toMatchObject({ id: (id + index) & 0xffff, checksumOk: true });
    expect(frame.ip!.totalLength).toBe(20 + frame.tcp!.headerLength + length);
    expect(frame.tcp).toMatchObject({ seq: (seq + done) >>> 0, checksumOk: true, ack: 9 });
    expect(frame.tcp!.flags).toBe(last ? flags : flags.replace(/[PF]/g, ''));
    expect(frame.payload).toEqual(expected.subarray(done, done + length));
    if (packet.vlan) expect(frame.vlan).toEqual({ priority: 0, id: 0x123 });
    done += length;
  });
  expect(done).toBe(payload);
}

describe('TCP segmentation', () => {
  test('64 KB in pieces of 4,096 bytes', () => {
    const packet = { payload: 65_160, mss: 1448, pieces: [66, 4096], timestamps: true };
    check(packet, segment({ ...packet, pieces: [66, ...new Array<number>(20).fill(4096)] }));
  });

  test('FIN and PSH only in the last segment', () => {
    const packet = { payload: 3000, mss: 1460, pieces: [5000], flags: 'FP.' };
    check(packet, segment(packet));
  });

  test('sequence numbers and ids wrap', () => {
    const packet = { payload: 5000, mss: 1000, pieces: [700], seq: 0xffff_f800, id: 0xfffe };
    check(packet, segment(packet));
  });

  test('each segment gets the VLAN tag', () => {
    const packet = { payload: 3000, mss: 1000, pieces: [100], vlan: true };
    check(packet, segment(packet));
  });

  test('a packet that fits one segment, and one without payload', () => {
    for (const payload of [0, 1, 100]) {
      const packet = { payload, mss: 100, pieces: [30] };
      check(packet, segment(packet));
    }
  });

  test('any payload, segment size and pieces', () => {
    assert(
      property(
        integer({ min: 0, max: 9000 }),
        integer({ min: 64, max: 2000 }),
        array(integer({ min: 40, max: 4096 }), { minLength: 1, maxLength: 8 }),
        boolean(),
        boolean(),
        boolean(),
        (payload, mss, pieces, shared, vlan, timestamps) => {
          const packet = { payload, mss, pieces, vlan, timestamps };
          check(packet, segment(packet, shared));
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });

  test('the descriptors are reported when the last segment is gone, and it is counted', () => {
    const { clock } = machine();
    const port = new StubPort();
    const driver = new TinyDriver(clock, port, dmaMemory(new Uint8Array(1 << 20)));
    driver.startTransmit();
    const headers = prepared({ payload: 0, mss: 0, pieces: [] });
    driver.put(PAYLOAD, headers);
    driver.descriptor(
      14 | (24 << 8) | (33 << 16),
      34 | (50 << 8),
      TXD_DEXT | TXD_TSE | (3 << 24) | 4096,
      (54 << 8) | (100 << 16),
    );
    driver.descriptor(PAYLOAD, 0, DATA | 54, 0x300);
    const last = driver.descriptor(0x1_0000, 0, DATA | LAST | 4096, 0x300);
    port.onSend = () => expect(driver.descriptorDone(last)).toBe(false);
    driver.commit();
    clock.drain();
    expect(port.sent).toHaveLength(41);
    expect(driver.descriptorDone(last)).toBe(true);
    expect([driver.read(0x40f8), driver.read(0x40fc)]).toEqual([1, 0]);
  });

  test('a context that makes no sense sends the packet as it is, and is counted', () => {
    const { clock } = machine();
    const port = new StubPort();
    const driver = new TinyDriver(clock, port, dmaMemory(new Uint8Array(1 << 20)));
    driver.startTransmit();
    driver.descriptor(14 | (24 << 8), 34 | (50 << 8), TXD_DEXT | TXD_TSE | (3 << 24) | 100, 54 << 8); // mss 0
    driver.descriptor(PAYLOAD, 0, DATA | LAST | 100, 0);
    driver.commit();
    clock.drain();
    expect(port.sent).toHaveLength(1);
    expect([driver.read(0x40f8), driver.read(0x40fc)]).toEqual([0, 1]);
  });
});
