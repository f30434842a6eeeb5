import { csumFold, csumPseudo } from '@stack/memory';
import { arpFrame, decodeFrame, icmpFrame, ipNumber, ipv4Frame, macBytes, tcpFrame, udpFrame } from '@stack/testing';
import { describe, expect, it } from 'vitest';
import { arp, eth, icmp, ip, skbChecksum, tcp, udp, type SkBuff } from '../src/index.ts';
import { bytesOf, newPool } from './support.ts';

/** A buffer that holds a frame, its header addresses set; freed by the test. */
function received(frame: Uint8Array): SkBuff {
  const skb = newPool().alloc(frame.length)!;
  skb.putData(frame);
  skb.resetMacHeader();
  skb.networkHeader = skb.data + eth.LENGTH;
  skb.transportHeader = skb.networkHeader + ip.LENGTH;
  return skb;
}

/** The same with all bytes 0, to write headers into. */
function blank(length: number): SkBuff {
  return received(new Uint8Array(length));
}

const FROM = macBytes('02:00:00:00:00:01');
const TO = macBytes('02:00:00:00:00:02');

function writeEthernet(skb: SkBuff, type: number): void {
  eth.setDestination(skb, TO);
  eth.setSource(skb, FROM);
  eth.setType(skb, type);
}

function writeIp(skb: SkBuff, protocol: number): void {
  writeEthernet(skb, eth.TYPE_IPV4);
  ip.setVersionIhl(skb, 0x45);
  ip.setTotalLength(skb, skb.len - eth.LENGTH);
  ip.setTtl(skb, 64);
  ip.setProtocol(skb, protocol);
  ip.setSaddr(skb, ipNumber('10.0.0.1'));
  ip.setDaddr(skb, ipNumber('10.0.0.2'));
}

function transportCheck(skb: SkBuff): number {
  const from = eth.LENGTH + ip.LENGTH;
  const length = skb.len - from;
  return csumFold(skbChecksum(skb, from, length, csumPseudo(ip.saddr(skb), ip.daddr(skb), length, ip.protocol(skb))));
}

describe('what is written is the frame', () => {
  it('ARP', () => {
    const skb = blank(eth.LENGTH + arp.LENGTH);
    writeEthernet(skb, eth.TYPE_ARP);
    arp.setHardwareType(skb, arp.HARDWARE_ETHERNET);
    arp.setProtocolType(skb, eth.TYPE_IPV4);
    arp.setHardwareLength(skb, 6);
    arp.setProtocolLength(skb, 4);
    arp.setOperation(skb, arp.REPLY);
    arp.setSenderHardware(skb, FROM);
    arp.setSenderAddress(skb, ipNumber('10.0.0.1'));
    arp.setTargetHardware(skb, TO);
    arp.setTargetAddress(skb, ipNumber('200.0.0.2'));
    const frame = arpFrame({
      operation: 'reply',
      senderIp: '10.0.0.1',
      targetMac: '02:00:00:00:00:02',
      targetIp: '200.0.0.2',
    });
    expect(bytesOf(skb)).toEqual([...frame]);
    skb.consume();
  });

  it('IPv4', () => {
    const skb = blank(eth.LENGTH + ip.LENGTH);
    writeIp(skb, 99);
    ip.setTos(skb, 0xb8);
    ip.setId(skb, 0xfffe);
    ip.setFragOff(skb, ip.DF | ip.MF | 185);
    ip.sendCheck(skb);
    const fields = { tos: 0xb8, id: 0xfffe, dontFragment: true, moreFragments: true, fragmentOffset: 1480 };
    expect(bytesOf(skb)).toEqual([...ipv4Frame(99, new Uint8Array(0), fields)]);
    skb.consume();
  });

  it('UDP', () => {
    const skb = blank(eth.LENGTH + ip.LENGTH + udp.LENGTH);
    writeIp(skb, ip.PROTO_UDP);
    ip.sendCheck(skb);
    udp.setSource(skb, 0xfedc);
    udp.setDest(skb, 53);
    udp.setLength(skb, udp.LENGTH);
    udp.setCheck(skb, transportCheck(skb));
    expect(bytesOf(skb)).toEqual([...udpFrame({ sourcePort: 0xfedc, destinationPort: 53 })]);
    skb.consume();
  });

  it('TCP', () => {
    const skb = blank(eth.LENGTH + ip.LENGTH + tcp.LENGTH);
    writeIp(skb, ip.PROTO_TCP);
    ip.sendCheck(skb);
    tcp.setSource(skb, 0xfedc);
    tcp.setDest(skb, 80);
    tcp.setSeq(skb, 0xfedcba98 | 0);
    tcp.setAckSeq(skb, 0x80000001 | 0);
    tcp.setLengthAndFlags(skb, tcp.LENGTH, tcp.ACK | tcp.PSH | tcp.URG | tcp.CWR);
    tcp.setWindow(skb, 0xfff0);
    tcp.setUrgent(skb, 3);
    tcp.setCheck(skb, transportCheck(skb));
    const fields = { seq: 0xfedcba98, ack: 0x80000001, flags: '.PUW', window: 0xfff0, urgent: 3 };
    expect(bytesOf(skb)).toEqual([...tcpFrame({ sourcePort: 0xfedc, destinationPort: 80, ...fields })]);
    skb.consume();
  });

  it('ICMP', () => {
    const skb = blank(eth.LENGTH + ip.LENGTH + icmp.LENGTH);
    writeIp(skb, ip.PROTO_ICMP);
    ip.sendCheck(skb);
    icmp.setType(skb, icmp.ECHO);
    icmp.setId(skb, 0xabcd);
    icmp.setSequence(skb, 0xef01);
    icmp.setCheck(skb, csumFold(skbChecksum(skb, eth.LENGTH + ip.LENGTH, icmp.LENGTH, 0)));
    expect(bytesOf(skb)).toEqual([...icmpFrame({ type: 8, rest: 0xabcdef01 })]);
    skb.consume();
  });
});

describe('what is read is what the frame says', () => {
  it('Ethernet', () => {
    const skb = received(ipv4Frame(99, new Uint8Array(0)));
    const mac = new Uint8Array(6);
    expect(eth.type(skb)).toBe(0x0800);
    eth.destination(skb, mac);
    expect(mac).toEqual(TO);
    eth.source(skb, mac);
    expect(mac).toEqual(FROM);
    expect([eth.isTo(skb, TO), eth.isTo(skb, FROM), eth.isGroup(skb), eth.isBroadcast(skb)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    skb.consume();
  });

  it.each([
    ['01:00:5e:00:00:01', true, false],
    ['ff:ff:ff:ff:ff:ff', true, true],
    ['ff:ff:ff:ff:ff:fe', true, false],
  ])('Ethernet to %s', (macDestination, group, broadcast) => {
    const skb = received(ipv4Frame(99, new Uint8Array(0), { macDestination }));
    expect([eth.isGroup(skb), eth.isBroadcast(skb)]).toEqual([group, broadcast]);
    skb.consume();
  });

  it('ARP', () => {
    const skb = received(arpFrame({ operation: 'request', senderIp: '200.0.0.1', targetIp: '10.0.0.2' }));
    const mac = new Uint8Array(6);
    expect([arp.hardwareType(skb), arp.protocolType(skb), arp.hardwareLength(skb), arp.protocolLength(skb)]).toEqual([
      1, 0x0800, 6, 4,
    ]);
    expect(arp.operation(skb)).toBe(arp.REQUEST);
    expect([arp.senderAddress(skb), arp.targetAddress(skb)]).toEqual([ipNumber('200.0.0.1'), ipNumber('10.0.0.2')]);
    arp.senderHardware(skb, mac);
    expect(mac).toEqual(FROM);
    arp.targetHardware(skb, mac);
    expect(mac).toEqual(new Uint8Array(6));
    skb.consume();
  });

  it('IPv4 with options', () => {
    const skb = received(
      ipv4Frame(99, new Uint8Array(5), { ipOptions: new Uint8Array(8).fill(1), id: 7, tos: 3, ttl: 9 }),
    );
    expect([ip.version(skb), ip.headerLength(skb), ip.totalLength(skb), ip.versionIhl(skb)]).toEqual([4, 28, 33, 0x47]);
    expect([ip.id(skb), ip.tos(skb), ip.ttl(skb), ip.protocol(skb), ip.fragOff(skb)]).toEqual([7, 3, 9, 99, 0]);
    expect([ip.saddr(skb), ip.daddr(skb)]).toEqual([ipNumber('10.0.0.1'), ipNumber('10.0.0.2')]);
    expect(ip.checkIsRight(skb)).toBe(true);
    ip.setTtl(skb, 8);
    expect(ip.checkIsRight(skb)).toBe(false);
    skb.consume();
  });

  it.each([
    [{ dontFragment: true }, false],
    [{ moreFragments: true }, true],
    [{ fragmentOffset: 8 }, true],
  ])('whether %o is a fragment', (fields, answer) => {
    const skb = received(ipv4Frame(99, new Uint8Array(0), fields));
    expect(ip.isFragment(skb)).toBe(answer);
    skb.consume();
  });

  it('UDP', () => {
    const skb = received(udpFrame({ sourcePort: 0xfedc, destinationPort: 53, payload: 'abc' }));
    expect([udp.source(skb), udp.dest(skb), udp.length(skb)]).toEqual([0xfedc, 53, 11]);
    expect(udp.check(skb)).toBe(decodeFrame(Uint8Array.from(bytesOf(skb))).udp?.checksum);
    skb.consume();
  });

  it('TCP', () => {
    const fields = {
      seq: 0xfedcba98,
      ack: 0x80000001,
      flags: '.PUA',
      window: 0xfff0,
      urgent: 3,
      options: { mss: 1460 },
    };
    const skb = received(tcpFrame({ sourcePort: 0xfedc, destinationPort: 80, ...fields }));
    expect([tcp.source(skb), tcp.dest(skb), tcp.seq(skb), tcp.ackSeq(skb)]).toEqual([
      0xfedc,
      80,
      0xfedcba98 | 0,
      0x80000001 | 0,
    ]);
    expect([tcp.headerLength(skb), tcp.window(skb), tcp.urgent(skb)]).toEqual([24, 0xfff0, 3]);
    expect(tcp.flags(skb)).toBe(tcp.ACK | tcp.PSH | tcp.URG | tcp.AE);
    const check = tcp.check(skb);
    tcp.setCheck(skb, 0);
    expect(transportCheck(skb)).toBe(check);
    skb.consume();
  });

  it('ICMP, in all three views of its last four bytes', () => {
    const skb = received(icmpFrame({ type: 3, code: 4, rest: 0xabcd05dc }));
    expect([icmp.type(skb), icmp.code(skb), icmp.id(skb), icmp.sequence(skb)]).toEqual([3, 4, 0xabcd, 1500]);
    expect([icmp.mtu(skb), icmp.gateway(skb)]).toEqual([1500, 0xabcd05dc | 0]);
    expect(csumFold(skbChecksum(skb, eth.LENGTH + ip.LENGTH, icmp.LENGTH, 0))).toBe(0);
    icmp.setGateway(skb, 0x80000001 | 0);
    icmp.setCode(skb, 1);
    expect([icmp.gateway(skb), icmp.code(skb)]).toEqual([0x80000001 | 0, 1]);
    icmp.setMtu(skb, 576);
    expect([icmp.mtu(skb), icmp.id(skb)]).toEqual([576, 0x8000]);
    icmp.setCheck(skb, 0x1234);
    expect(icmp.check(skb)).toBe(0x1234);
    skb.consume();
  });
});

describe('decreaseTtl', () => {
  it('keeps the checksum right, whatever it was', () => {
    const skb = received(ipv4Frame(6, new Uint8Array(0)));
    for (let id = 0; id <= 0xffff; id++) {
      ip.setId(skb, id);
      ip.setTtl(skb, 1 + (id % 255));
      ip.sendCheck(skb);
      if (ip.decreaseTtl(skb) !== id % 255 || !ip.checkIsRight(skb)) expect.fail(`wrong for id ${id}`);
    }
    skb.consume();
  });

  it('never makes a checksum of 0xffff, which no sender computes', () => {
    const skb = received(ipv4Frame(6, new Uint8Array(0)));
    for (let check = 0; check < 0xffff; check++) {
      ip.setCheck(skb, check);
      ip.decreaseTtl(skb);
      if (ip.check(skb) === 0xffff) expect.fail(`from ${check}`);
    }
    skb.consume();
  });
});
