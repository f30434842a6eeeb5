import { flagLetters } from '../language/tcp-flags.ts';
import type { SeenPacket, SeenTcp } from './seen-packet.ts';
import type { SeenOption } from './tcp-option-bytes.ts';

/** A packet as a script would have it. */
export function packetText(packet: SeenPacket): string {
  const { body } = packet;
  if (body === null) return `IP protocol ${packet.protocol}, ${packet.totalLength} bytes`;
  if (body.protocol === 'udp') return `udp (${body.length})`;
  if (body.protocol === 'icmp') return `icmp type ${body.type} code ${body.code} mtu ${body.mtu}`;
  return tcpText(body);
}

function tcpText(tcp: SeenTcp): string {
  const range = `${tcp.seq}:${(tcp.seq + tcp.length) >>> 0}(${tcp.length})`;
  const ack = (tcp.flags & 0x10) !== 0 ? ` ack ${tcp.ack}` : '';
  const urgent = tcp.urgent === 0 ? '' : ` urg ${tcp.urgent}`;
  const options = tcp.options.length === 0 ? '' : ` <${optionsText(tcp.options)}>`;
  return `${flagLetters(tcp.flags)} ${range}${ack} win ${tcp.window}${urgent}${options}`;
}

export function optionsText(options: readonly SeenOption[]): string {
  return options.map(optionText).join(',');
}

function optionText(option: SeenOption): string {
  switch (option.kind) {
    case 'eol':
    case 'nop':
    case 'sackOK':
      return option.kind;
    case 'mss':
    case 'wscale':
      return `${option.kind} ${option.value}`;
    case 'sack':
      return `sack ${option.blocks.map(([left, right]) => `${left}:${right}`).join(' ')}`;
    case 'TS':
      return `TS val ${option.val} ecr ${option.ecr}`;
    case 'ECN':
      return ['ECN', ...option.counters.map((count, i) => `${counterNames(option.order)[i]} ${count}`)].join(' ');
    case 'exp':
      return `exp 0x${option.magic.toString(16)} ${hex(option.bytes)}`.trimEnd();
    case 'unknown':
      return `option ${option.number} ${hex(option.bytes)}`.trimEnd();
    default:
      return `${option.kind} ${hex(option.bytes)}`.trimEnd();
  }
}

function counterNames(order: 0 | 1): readonly string[] {
  return order === 0 ? ['e0b', 'ceb', 'e1b'] : ['e1b', 'ceb', 'e0b'];
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
