import { describe, expect, it } from 'vitest';
import {
  arpFrame,
  decodeFrame,
  icmpFrame,
  internetChecksum,
  ipNumber,
  ipv4Frame,
  tcpFrame,
  udpFrame,
} from '../src/index.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('checksum', () => {
  it('is that of the example in RFC 1071', () => {
    expect(internetChecksum(Uint8Array.of(0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7))).toBe(0xffff - 0xddf2);
  });

  it('is that of a known IPv4 header', () => {
    const header = Uint8Array.from(Buffer.from('45000073000040004011b861c0a80001c0a800c7', 'hex'));
    expect(internetChecksum(header)).toBe(0);
    header[10] = header[11] = 0;
    expect(internetChecksum(header)).toBe(0xb861);
  });
});

describe('frames', () => {
  it('an ARP request, byte by byte', () => {
    const frame = arpFrame({ operation: 'request', senderIp: '10.0.0.1', targetIp: '10.0.0.2' });
    expect(hex(frame)).toBe(
      ['ffffffffffff0200000000010806', '0001080006040001', '0200000000010a000001', '0000000000000a000002'].join(''),
    );
    expect(decodeFrame(frame)).toMatchObject({
      arp: { operation: 'request', senderIp: '10.0.0.1', targetIp: '10.0.0.2' },
    });
  });

  it('UDP, byte by byte', () => {
    const frame = udpFrame({ sourcePort: 1234, destinationPort: 53, payload: 'odd' });
    expect(hex(frame).slice(28)).toBe('4500001f00000000401166cc0a0000010a00000204d20035000b136a6f6464');
    expect(decodeFrame(frame)).toMatchObject({
      ip: { source: '10.0.0.1', destination: '10.0.0.2', protocol: 17, totalLength: 31, checksumOk: true },
      udp: { sourcePort: 1234, destinationPort: 53, length: 11, checksumOk: true },
    });
    expect(text(decodeFrame(frame).payload)).toBe('odd');
  });

  it('UDP without a checksum', () => {
    const frame = udpFrame({ sourcePort: 1, destinationPort: 2, checksum: false });
    expect(decodeFrame(frame).udp).toMatchObject({ checksum: 0, checksumOk: true });
  });

  it('TCP with the options of a SYN', () => {
    const options = {
      mss: 1460,
      sackPermitted: true,
      timestamps: { value: 5, echo: 0xffffffff },
      windowScale: 7,
    } as const;
    const frame = tcpFrame({ sourcePort: 40000, destinationPort: 80, seq: 0xfffffff0, flags: 'S', options });
    expect(hex(frame).slice(-40)).toBe(['020405b4', '0402080a00000005ffffffff', '01030307'].join(''));
    expect(decodeFrame(frame)).toMatchObject({
      tcp: { seq: 0xfffffff0, ack: 0, flags: 'S', headerLength: 40, options, checksumOk: true },
    });
  });

  it('TCP with SACK blocks and data', () => {
    const frame = tcpFrame({
      sourcePort: 1,
      destinationPort: 2,
      flags: '.PEW',
      options: {
        sack: [
          [1, 2],
          [3, 0x80000000],
        ],
      },
      payload: 'x',
    });
    expect(decodeFrame(frame)).toMatchObject({
      tcp: {
        flags: 'PEW.',
        options: {
          sack: [
            [1, 2],
            [3, 0x80000000],
          ],
        },
        checksumOk: true,
      },
    });
  });

  it('ICMP', () => {
    const frame = icmpFrame({ type: 8, rest: 0x12340001, payload: 'ping' });
    expect(decodeFrame(frame)).toMatchObject({ icmp: { type: 8, code: 0, rest: 0x12340001, checksumOk: true } });
  });

  it('a fragment with padding behind it', () => {
    const bare = ipv4Frame(17, new Uint8Array(8), { moreFragments: true, fragmentOffset: 1480, id: 9 });
    const frame = new Uint8Array(60);
    frame.set(bare);
    const decoded = decodeFrame(frame);
    expect(decoded.ip).toMatchObject({ moreFragments: true, fragmentOffset: 1480, id: 9 });
    expect(decoded).not.toHaveProperty('udp');
    expect(decoded.payload).toHaveLength(8);
  });

  it('a damaged one shows it', () => {
    const frame = tcpFrame({ sourcePort: 1, destinationPort: 2, flags: '.' });
    frame[40] ^= 1;
    expect(decodeFrame(frame)).toMatchObject({ ip: { checksumOk: true }, tcp: { checksumOk: false } });
  });
});

it('writes addresses as the stack holds them', () => {
  expect(ipNumber('10.0.0.1')).toBe(0x0a000001);
  expect(ipNumber('192.168.0.1')).toBe(0xc0a80001 | 0);
});
