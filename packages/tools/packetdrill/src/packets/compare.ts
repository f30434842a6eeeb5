import type { IcmpPacket, IpAnnotation, Packet, TcpPacket, UdpPacket } from '../language/script.ts';
import { flagLetters } from '../language/tcp-flags.ts';
import type { SeenIcmp, SeenPacket, SeenTcp, SeenUdp } from './seen-packet.ts';
import { digestAt, md5Digest } from './md5.ts';
import { encodeOptions, type SeenOption } from './tcp-option-bytes.ts';
import { optionsText } from './text.ts';

/** What differs between a line of a script and the packet that went out, both in the script's numbers. */
export type Difference = string;

/** Empty when the packet is as the line says. Timestamps are not compared here. */
export function comparePacket(wanted: Packet, seen: SeenPacket, md5Key: Uint8Array): Difference[] {
  const { body } = wanted;
  if (seen.damage !== null) return [`the packet has ${seen.damage}`];
  if (seen.body?.protocol !== body.protocol)
    return [`expected a packet of ${body.protocol}, saw ${seen.body?.protocol}`];
  const problems = [...compareIp(wanted.ip, seen), ...compareBody(body, seen.body)];
  return body.protocol === 'tcp' ? [...problems, ...compareSignature(body, seen, md5Key)] : problems;
}

function compareBody(wanted: Packet['body'], seen: SeenTcp | SeenUdp | SeenIcmp): Difference[] {
  if (wanted.protocol === 'tcp') return compareTcp(wanted, seen as SeenTcp);
  if (wanted.protocol === 'udp') return compareUdp(wanted, seen as SeenUdp);
  return compareIcmp(wanted, seen as SeenIcmp);
}

function differ(what: string, wanted: number | string, seen: number | string): Difference[] {
  return wanted === seen ? [] : [`${what}: expected ${wanted}, saw ${seen}`];
}

function compareIp(wanted: IpAnnotation, seen: SeenPacket): Difference[] {
  const ecn = seen.tos & 3;
  const differences: Difference[] = [];
  if (seen.headerLength !== 20) differences.push(`IP header: expected 20 bytes, saw ${seen.headerLength}`);
  if (wanted.tos !== null) differences.push(...differ('tos', wanted.tos | Number(wanted.ecn ?? 0), seen.tos));
  else if (wanted.ecn === 'ect01') {
    if (ecn !== 1 && ecn !== 2) differences.push(`ECN: expected ECT(0) or ECT(1), saw ${ecn}`);
  } else if (wanted.ecn !== null) differences.push(...differ('ECN bits', wanted.ecn, ecn));
  if (wanted.ttl !== null) differences.push(...differ('ttl', wanted.ttl, seen.ttl));
  return differences;
}

function compareTcp(wanted: TcpPacket, seen: SeenTcp): Difference[] {
  return [
    ...differ('flags', flagLetters(wanted.flags), flagLetters(seen.flags)),
    ...differ('sequence number', wanted.seq >>> 0, seen.seq),
    ...differ('length', wanted.length, seen.length),
    ...differ('ack', (wanted.ack ?? 0) >>> 0, seen.ack),
    ...(wanted.window === null ? [] : differ('window', wanted.window, seen.window)),
    ...differ('urgent pointer', wanted.urgent ?? 0, seen.urgent),
    ...(wanted.options === null ? [] : compareOptions(wanted.options, seen.options)),
  ];
}

/** Kinds, order, padding and values; of timestamps only that they are there. */
function compareOptions(wanted: readonly SeenOption[], seen: readonly SeenOption[]): Difference[] {
  const same = wanted.length === seen.length && wanted.every((option, i) => isSame(option, seen[i]));
  return same ? [] : [`options: expected <${optionsText(wanted)}>, saw <${optionsText(seen)}>`];
}

function isSame(wanted: SeenOption, seen: SeenOption): boolean {
  if (wanted.kind !== seen.kind) return false;
  if (wanted.kind === 'md5' && wanted.bytes.length === 0) return true;
  if (wanted.kind === 'TS') return true;
  const [one, other] = [encodeOptions([wanted]), encodeOptions([seen])];
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

/** Whether the digest is that of the key, where the line wants to know. */
function compareSignature(wanted: TcpPacket, { source, destination, body }: SeenPacket, key: Uint8Array): Difference[] {
  const option = wanted.options?.find((each) => each.kind === 'md5');
  if (option?.kind !== 'md5' || option.isValid === null || body?.protocol !== 'tcp') return [];
  const at = digestAt(body.segment);
  const right = md5Digest(source, destination, body.segment, key);
  const isValid = at >= 0 && right.every((byte, i) => byte === body.segment[at + i]);
  return isValid === option.isValid ? [] : [`md5: expected ${validity(!isValid)}, saw ${validity(isValid)}`];
}

function validity(isValid: boolean): string {
  return isValid ? 'a valid signature' : 'an invalid signature';
}

function compareUdp(wanted: UdpPacket, seen: SeenUdp): Difference[] {
  return differ('length', wanted.length, seen.length);
}

function compareIcmp(wanted: IcmpPacket, seen: SeenIcmp): Difference[] {
  return [
    ...differ('ICMP type', wanted.type, seen.type),
    ...differ('ICMP code', wanted.code, seen.code),
    ...(wanted.mtu === null ? [] : differ('MTU', wanted.mtu, seen.mtu)),
  ];
}
