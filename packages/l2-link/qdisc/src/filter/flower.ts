import { StackError } from '@stack/plugin';
import { isIpv4, portsOf, ip, type SkBuff } from '@stack/skb';
import { parsePrefix, type PacketMatch } from './match.ts';

/** What all must be true of a packet. */
export interface FlowerKeys {
  /** `tcp`, `udp`, `icmp`, or the number of the protocol. */
  proto?: 'tcp' | 'udp' | 'icmp' | number;
  /** An IPv4 address or prefix. */
  srcIp?: string;
  dstIp?: string;
  /** A port, or a range from one to another. */
  srcPort?: number | readonly [number, number];
  dstPort?: number | readonly [number, number];
  /** The DS field without its ECN bits, 0 to 63. */
  dscp?: number;
  /** Ethertype. */
  ethType?: number;
  vlanId?: number;
  mark?: number;
}

const PROTOCOLS = { tcp: ip.PROTO_TCP, udp: ip.PROTO_UDP, icmp: ip.PROTO_ICMP };

/**
 * Matches packets by their fields, IPv4 packets unless only `ethType`, `vlanId` or `mark` are given.
 *
 * @kernel net/sched/cls_flower.c fl_classify()
 */
export function flower(keys: FlowerKeys): PacketMatch {
  const checks = [...linkChecks(keys), ...networkChecks(keys), ...portChecks(keys)];
  if (checks.length === 0) throw new StackError('ERR_STACK_FILTER_MATCH', 'flower has no keys', 'give one');
  const match = (skb: SkBuff): boolean => {
    for (let i = 0; i < checks.length; i++) if (!checks[i](skb)) return false;
    return true;
  };
  const text = Object.entries(keys).map(([key, value]) => `${snake(key)} ${portText(value)}`);
  return Object.assign(match, { text: `flower ${text.join(' ')}` });
}

const snake = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const portText = (value: unknown): string => (Array.isArray(value) ? value.join('-') : `${value as string}`);

function linkChecks({ ethType, vlanId, mark }: FlowerKeys): PacketMatch[] {
  const checks: PacketMatch[] = [];
  if (ethType !== undefined) checks.push((skb) => skb.protocol === ethType);
  if (vlanId !== undefined) checks.push((skb) => skb.vlanPresent && (skb.vlanTci & 0xfff) === vlanId);
  if (mark !== undefined) checks.push((skb) => skb.mark === mark);
  return checks;
}

function networkChecks({ proto, srcIp, dstIp, dscp, srcPort, dstPort }: FlowerKeys): PacketMatch[] {
  const checks: PacketMatch[] = [];
  if (proto !== undefined) {
    const number = typeof proto === 'number' ? proto : PROTOCOLS[proto];
    checks.push((skb) => ip.protocol(skb) === number);
  }
  if (srcIp !== undefined) {
    const { address, mask } = parsePrefix(srcIp);
    checks.push((skb) => (ip.saddr(skb) & mask) === address);
  }
  if (dstIp !== undefined) {
    const { address, mask } = parsePrefix(dstIp);
    checks.push((skb) => (ip.daddr(skb) & mask) === address);
  }
  if (dscp !== undefined) checks.push((skb) => ip.tos(skb) >> 2 === dscp);
  const needed = checks.length > 0 || srcPort !== undefined || dstPort !== undefined;
  return needed ? [isIpv4, ...checks] : [];
}

function portChecks({ srcPort, dstPort }: FlowerKeys): PacketMatch[] {
  const checks: PacketMatch[] = [];
  if (srcPort !== undefined) checks.push(portCheck(srcPort, 16));
  if (dstPort !== undefined) checks.push(portCheck(dstPort, 0));
  return checks;
}

function portCheck(port: number | readonly [number, number], shift: number): PacketMatch {
  const [from, to] = typeof port === 'number' ? [port, port] : port;
  return (skb) => {
    const ports = portsOf(skb);
    const found = (ports >>> shift) & 0xffff;
    return ports !== 0 && found >= from && found <= to;
  };
}
