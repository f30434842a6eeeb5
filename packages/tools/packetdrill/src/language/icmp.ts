import { parseInteger } from './numbers.ts';
import type { Scanner } from './scanner.ts';
import type { IcmpPacket } from './script.ts';

/** @rfc 792 */
const TYPES: Readonly<Record<string, number>> = {
  echo_reply: 0,
  unreachable: 3,
  source_quench: 4,
  redirect: 5,
  echo_request: 8,
  time_exceeded: 11,
  parameter_problem: 12,
  timestamp: 13,
  timestamp_reply: 14,
};

/** Of each type. @rfc 792 @rfc 1122 3.2.2.1 */
const CODES: Readonly<Record<number, readonly string[]>> = {
  3: [
    'net_unreachable', 'host_unreachable', 'protocol_unreachable', 'port_unreachable', 'frag_needed',
    'source_route_failed', 'net_unknown', 'host_unknown', 'source_host_isolated', 'net_prohibited', 'host_prohibited',
    'net_unreachable_for_tos', 'host_unreachable_for_tos', 'packet_filtered', 'precedence_violation',
    'precedence_cutoff',
  ],
  5: ['net', 'host', 'net_for_tos', 'host_for_tos'],
  11: ['ttl_exceeded', 'reassembly_time_exceeded'],
}; // prettier-ignore

/** `icmp unreachable frag_needed mtu 1200 [1:1461(1460)]`. */
export function parseIcmp(scanner: Scanner): IcmpPacket {
  const type = parseType(scanner);
  let code = 0;
  let mtu: number | null = null;
  if (!scanner.is('mtu') && (scanner.next.kind === 'word' || scanner.next.kind === 'number'))
    code = parseCode(scanner, type);
  if (scanner.accept('mtu')) mtu = parseInteger(scanner);
  return { protocol: 'icmp', type, code, mtu, about: parseAbout(scanner) };
}

function parseType(scanner: Scanner): number {
  if (scanner.next.kind === 'number') return parseInteger(scanner);
  const { text } = scanner.next;
  if (!Object.hasOwn(TYPES, text)) throw scanner.unexpected('a type of ICMP');
  scanner.take();
  return TYPES[text];
}

function parseCode(scanner: Scanner, type: number): number {
  // A number that an event's time may be follows a packet as well, but on a line of its own.
  if (scanner.next.kind === 'number') return startsLine(scanner) ? 0 : parseInteger(scanner);
  const code = CODES[type]?.indexOf(scanner.next.text) ?? -1;
  if (code < 0) throw scanner.unexpected(`a code of ICMP type ${type}`);
  scanner.take();
  return code;
}

function startsLine(scanner: Scanner): boolean {
  const { source, next } = scanner;
  return source.slice(source.lastIndexOf('\n', next.start - 1) + 1, next.start).trim() === '';
}

function parseAbout(scanner: Scanner): IcmpPacket['about'] {
  if (!scanner.accept('[')) return null;
  if (scanner.accept('udp')) {
    scanner.expect('(');
    const length = parseInteger(scanner);
    scanner.expect(')');
    scanner.expect(']');
    return { protocol: 'udp', length };
  }
  const seq = parseInteger(scanner);
  scanner.expect(':');
  parseInteger(scanner);
  scanner.expect('(');
  const length = parseInteger(scanner);
  scanner.expect(')');
  scanner.expect(']');
  return { protocol: 'tcp', seq, length };
}
