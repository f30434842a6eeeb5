import { eth } from '@stack/skb';
import type { InstalledFilter, PacketAction } from '@stack/netdev';
import { formatHandle } from '../base/handle.ts';
import type { DescribedAction } from '../filter/actions.ts';
import type { PacketMatch } from '../filter/match.ts';

/** As tc writes ethertypes. @kernel lib/ll_proto.c ll_proto_n2a() */
const PROTOCOLS: Readonly<Record<number, string>> = { [eth.TYPE_IPV4]: 'ip', [eth.TYPE_ARP]: 'arp', 0x86dd: 'ipv6', 0x8100: '802.1Q' }; // prettier-ignore

/**
 * A filter with its keys and actions, as `tc -s filter show` prints it: without the handles of tables and keys, which filters here
 * do not have.
 *
 * @kernel tc/tc_filter.c print_filter()
 */
export function describeFilter(parent: number, filter: InstalledFilter): string {
  const { kind, keys = [] } = (filter.match ?? { kind: 'matchall' }) as Partial<PacketMatch>;
  const protocol = filter.protocol === undefined ? 'all' : (PROTOCOLS[filter.protocol] ?? `[${filter.protocol}]`);
  const head = [`filter parent ${formatHandle(parent)} protocol ${protocol} pref ${filter.prio} ${kind ?? 'function'}`];
  head.push('chain 0');
  if (filter.classid !== undefined) {
    head.push(`${kind === 'flower' ? 'classid' : 'flowid'} ${formatHandle(filter.classid)}`);
  }
  const lines = [`${head.join(' ')} (rule hit ${filter.hits})`, ...keys.map((key) => `  ${key}`)];
  const actions = (filter.actions ?? []).map((action, index) => `\taction order ${index + 1}: ${textOf(action)}`);
  return [...lines, ...actions].join('\n');
}

const textOf = (action: PacketAction): string => (action as Partial<DescribedAction>).text?.() ?? 'function';
