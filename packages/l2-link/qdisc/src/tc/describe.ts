import { TC_H_INGRESS, type InstalledFilter, type Qdisc, type QdiscClass } from '@stack/netdev';
import { formatHandle } from '../base/handle.ts';
import type { PacketMatch } from '../filter/match.ts';

/** A discipline with its options and counters, as `tc -s qdisc show` prints it. @kernel tc/tc_qdisc.c print_qdisc() */
export function describeQdisc(qdisc: Qdisc): string {
  const head = ['qdisc', qdisc.kind, formatHandle(qdisc.handle), placeOf(qdisc), ...fields(qdisc.dump?.())];
  const backlog = ` backlog ${qdisc.backlog}b ${qdisc.qlen}p requeues ${qdisc.requeues}`;
  const stats = Object.entries(qdisc.xstats?.() ?? {});
  const more = fields(Object.fromEntries(stats.filter(([, value]) => !isTable(value))));
  const tables = stats.flatMap(([, value]) => (isTable(value) ? table(value) : []));
  return [head.join(' '), sent(qdisc), backlog, ...(more.length > 0 ? [`  ${more.join(' ')}`] : []), ...tables].join(
    '\n',
  );
}

/** @kernel tc/tc_class.c print_class() */
export function describeClass(qdisc: Qdisc, cl: QdiscClass): string {
  const place = cl.parent === qdisc.handle ? 'root' : `parent ${formatHandle(cl.parent)}`;
  const leaf = cl.qdisc !== null && cl.qdisc.handle !== 0 ? [`leaf ${formatHandle(cl.qdisc.handle)}`] : [];
  const head = ['class', qdisc.kind, formatHandle(cl.classid), place, ...leaf, ...fields(cl.dump?.())];
  const { qlen, backlog } = cl.stats;
  const more = fields(cl.xstats?.());
  const lines = [head.join(' '), sent({ ...pick(cl.stats), requeues: 0 }), ` backlog ${backlog}b ${qlen}p`];
  return [...lines, ...(more.length > 0 ? [` ${more.join(' ')}`] : [])].join('\n');
}

/** @kernel tc/tc_filter.c print_filter() */
export function describeFilter(qdisc: Qdisc, filter: InstalledFilter): string {
  const { text } = (filter.match ?? {}) as Partial<PacketMatch>;
  const what = text ?? (filter.match === undefined ? 'matchall' : 'function');
  const classid = filter.classid === undefined ? '' : ` classid ${formatHandle(filter.classid)}`;
  const actions = filter.actions === undefined ? '' : ` actions ${filter.actions.length}`;
  return `filter parent ${formatHandle(qdisc.handle)} pref ${filter.prio} ${what}${classid}${actions} (hits ${filter.hits})`;
}

interface Counted {
  readonly bytes: number;
  readonly packets: number;
  readonly drops: number;
  readonly overlimits: number;
  readonly requeues: number;
}

function sent({ bytes, packets, drops, overlimits, requeues }: Counted): string {
  return ` Sent ${bytes} bytes ${packets} pkt (dropped ${drops}, overlimits ${overlimits} requeues ${requeues})`;
}

function pick({ bytes, packets, drops, overlimits }: QdiscClass['stats']): Omit<Counted, 'requeues'> {
  return { bytes, packets, drops, overlimits };
}

function placeOf(qdisc: Qdisc): string {
  if (qdisc.parent === TC_H_INGRESS) return qdisc.kind;
  return qdisc.parentQdisc === null ? 'root' : `parent ${formatHandle(qdisc.parent)}`;
}

type Column = Record<string, unknown>;

function isTable(value: unknown): value is Column[] {
  return Array.isArray(value) && typeof value[0] === 'object';
}

/** A line for each name, with a column for each of the records, as tc prints the tins of cake. */
function table(columns: readonly Column[]): string[] {
  return Object.keys(columns[0]).map((name) => {
    const values = columns.map((column) => String(column[name]).padStart(12));
    return `  ${name.padEnd(10)} ${values.join(' ')}`;
  });
}

/** `limit 100 ecn`: names with values, a name alone for what is true. */
function fields(values: Record<string, unknown> = {}): string[] {
  return Object.entries(values).map(([key, value]) => {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (value === true) return name;
    return `${name} ${Array.isArray(value) ? value.join(' ') : String(value)}`;
  });
}
