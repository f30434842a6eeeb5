import { StackError } from '@stack/plugin';
import { isIpv4, portsOf, ip, type SkBuff } from '@stack/skb';
import { onlyNames, type Names } from '../base/options.ts';
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

const KEYS: Names<FlowerKeys> = {
  proto: true, srcIp: true, dstIp: true, srcPort: true, dstPort: true, dscp: true, ethType: true, vlanId: true, mark: true,
}; // prettier-ignore
const PROTOCOLS = { tcp: ip.PROTO_TCP, udp: ip.PROTO_UDP, icmp: ip.PROTO_ICMP };

/**
 * Matches packets by their fields, IPv4 packets unless only `ethType`, `vlanId` or `mark` are given.
 *
 * @kernel net/sched/cls_flower.c fl_classify()
 */
export function flower(keys: FlowerKeys): PacketMatch {
  onlyNames('flower', KEYS, keys);
  const checks = [...linkChecks(keys), ...networkChecks(keys), ...portChecks(keys)];
  if (checks.length === 0) throw new StackError('ERR_STACK_FILTER_MATCH', 'flower has no keys', 'give one');
  const match = (skb: SkBuff): boolean => {
    for (let i = 0; i < checks.length; i++) if (!checks[i](skb)) return false;
    return true;
  };
  return Object.assign(match, {
    kind: 'flower',
    keys: Object.entries(keys).map(([key, value]) => keyText(key, value)),
  });
}

const NAMES: Readonly<Record<string, string>> = { proto: 'ip_proto', srcIp: 'src_ip', dstIp: 'dst_ip', srcPort: 'src_port', dstPort: 'dst_port', ethType: 'eth_type', vlanId: 'vlan_id' }; // prettier-ignore

/** @kernel tc/f_flower.c flower_print_opt() */
function keyText(key: string, value: unknown): string {
  if (key === 'dscp') return `ip_tos 0x${((value as number) << 2).toString(16)}/fc`;
  if (key === 'ethType' && value === 0x0800) return 'eth_type ipv4';
  const text = Array.isArray(value) ? value.join('-') : String(value as string | number);
  return `${NAMES[key] ?? key} ${text}`;
}

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
