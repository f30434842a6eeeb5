import { TC_H_INGRESS, type Qdisc, type QdiscClass } from '@stack/netdev';
import { formatHandle } from '../base/handle.ts';

/** Where tc begins a line of its own. */
const LINE_BEGINS = new Set([
  'maxpacket',
  'new_flows_len',
  'band0_pkts',
  'gc',
  'pkts_too_long',
  'band0_drops',
  'tokens',
]);
/** What tc writes with a colon. */
const WITH_COLON = new Set(['lended', 'borrowed', 'giants', 'tokens', 'ctokens']);

/** A discipline with its options and counters, as `tc -s -d qdisc show` prints it. @kernel tc/tc_qdisc.c print_qdisc() */
export function describeQdisc(qdisc: Qdisc): string {
  const head = ['qdisc', qdisc.kind, formatHandle(qdisc.handle), placeOf(qdisc), ...fields(qdisc.dump?.())];
  const stats = Object.entries(qdisc.xstats?.() ?? {});
  const more = lines('  ', Object.fromEntries(stats.filter(([, value]) => !isTable(value))));
  const tables = stats.flatMap(([, value]) => (isTable(value) ? table(value) : []));
  return [head.join(' '), sent(qdisc), backlog(qdisc), ...more, ...tables].join('\n');
}

/** As `tc -s -d class show` prints it. @kernel tc/tc_class.c print_class() */
export function describeClass(qdisc: Qdisc, cl: QdiscClass): string {
  const place = cl.parent === qdisc.handle ? 'root' : `parent ${formatHandle(cl.parent)}`;
  const leaf = cl.qdisc !== null && cl.qdisc.handle !== 0 ? [`leaf ${formatHandle(cl.qdisc.handle)}`] : [];
  const head = ['class', qdisc.kind, formatHandle(cl.classid), place, ...leaf, ...fields(cl.dump?.())];
  const counted = { ...cl.stats, requeues: 0 };
  return [head.join(' '), sent(counted), backlog(counted), ...lines(' ', cl.xstats?.())].join('\n');
}

type Counted = QdiscClass['stats'] & { readonly requeues: number };

function sent({ bytes, packets, drops, overlimits, requeues }: Counted): string {
  return ` Sent ${bytes} bytes ${packets} pkt (dropped ${drops}, overlimits ${overlimits} requeues ${requeues})`;
}

function backlog({ backlog: bytes, qlen, requeues }: Counted): string {
  return ` backlog ${bytes}b ${qlen}p requeues ${requeues}`;
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

/** Each as long as tc makes it. */
function lines(indent: string, values: Record<string, unknown> = {}): string[] {
  const groups: Record<string, unknown>[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (groups.length === 0 || LINE_BEGINS.has(name)) groups.push({});
    groups.at(-1)![name] = value;
  }
  return groups.map((group) => `${indent}${fields(group).join(' ')}`);
}

/** `limit 100 ecn`: names with values, a name alone for what is true. */
function fields(values: Record<string, unknown> = {}): string[] {
  return Object.entries(values).map(([key, value]) => {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (value === true) return name;
    return `${name}${WITH_COLON.has(name) ? ':' : ''} ${Array.isArray(value) ? value.join(' ') : String(value)}`;
  });
}
