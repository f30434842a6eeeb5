import { parseIcmp } from './icmp.ts';
import { parseIpAnnotation } from './ip-annotation.ts';
import { parseBits, parseInteger } from './numbers.ts';
import type { Scanner } from './scanner.ts';
import type { Packet, Ports, TcpPacket, UdpPacket } from './script.ts';
import { ScriptError, Unsupported } from './script-error.ts';
import { flagBits } from './tcp-flags.ts';
import { parseTcpOptions } from './tcp-options.ts';

const WRAPPERS = ['ipv4', 'ipv6', 'gre', 'mpls'];

/** Behind `<` or `>`. */
export function parsePacket(scanner: Scanner): Packet {
  const inbound = scanner.take().text === '<';
  const wrapper = WRAPPERS.find((word) => scanner.is(word));
  if (wrapper !== undefined) throw new Unsupported(scanner.line, `packets inside of ${wrapper} are not supported`);
  const ip = parseIpAnnotation(scanner);
  if (scanner.is('icmpv6')) throw new Unsupported(scanner.line, 'the stack has no IPv6, so no ICMPv6');
  if (scanner.accept('icmp') || scanner.accept('icmpv4')) {
    return { kind: 'packet', inbound, ip, body: parseIcmp(scanner) };
  }
  const body = scanner.accept('udp') ? parseUdp(scanner) : parseTcp(scanner, inbound);
  return { kind: 'packet', inbound, ip, body };
}

function parseUdp(scanner: Scanner): UdpPacket {
  const ports = parsePorts(scanner);
  scanner.expect('(');
  const length = parseInteger(scanner);
  scanner.expect(')');
  return { protocol: 'udp', ports, length };
}

/** `1234 > 8080`. */
function parsePorts(scanner: Scanner): Ports | null {
  const text = scanner.takeRaw(/\d+\s*>\s*\d+\s*:?(?=\s)/);
  if (text === null) return null;
  const [source, destination] = text.replace(':', '').split('>').map(Number);
  return { source, destination };
}

function parseTcp(scanner: Scanner, inbound: boolean): TcpPacket {
  const { line } = scanner;
  const ports = parsePorts(scanner);
  const flags = parseFlags(scanner);
  const seq = parseInteger(scanner);
  scanner.expect(':');
  const end = parseInteger(scanner);
  scanner.expect('(');
  const length = parseInteger(scanner);
  scanner.expect(')');
  if ((seq + length) >>> 0 !== end >>> 0) {
    throw new ScriptError(line, `${seq}:${end} is not ${length} bytes long`);
  }
  const ack = scanner.accept('ack') ? parseInteger(scanner) : null;
  const window = scanner.accept('win') ? parseBits(scanner, 16, 'win') : null;
  const urgent = scanner.accept('urg') ? parseBits(scanner, 16, 'urg') : null;
  const options = parseTcpOptions(scanner);
  if (inbound && window === null) throw new ScriptError(line, 'a packet that comes in must say its window: win N');
  if (inbound && options === null) throw new ScriptError(line, 'a packet that comes in must say its options');
  return { protocol: 'tcp', ports, flags, seq, length, ack, window, urgent, options };
}

function parseFlags(scanner: Scanner): number {
  const raw = scanner.takeRaw(/[-A-Z.0-7]+(?=\s)/);
  const flags = raw === null ? null : flagBits(raw);
  if (flags === null)
    throw scanner.unexpected(raw === null ? 'the flags of a TCP packet' : `flags instead of '${raw}'`);
  return flags;
}
