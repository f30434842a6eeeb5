import Table from 'cli-table3';
import { describeHost, type HostFacts } from '@stack/host';
import type { Pair } from './pair.ts';
import type { Say } from './say.ts';

/** Step 1: the hosts as they stand there after booting. */
export function showHosts({ server, client }: Pair, say: Say): HostFacts[] {
  const hosts = [server, client].map(describeHost);
  const table = new Table({
    head: ['host', 'device', 'state', 'MAC address', 'MTU', 'qdisc', 'addresses', 'routes'],
    style: { head: [], border: [] },
  });
  for (const { name, devices, routes } of hosts) {
    for (const { name: dev, state, mac, mtu, qdisc, addresses } of devices) {
      const own = routes.filter((route) => route.includes(` dev ${dev}`));
      table.push([name, dev, state, mac ?? '', mtu, qdisc, addresses.join('\n'), own.join('\n')]);
    }
  }
  say.heading('two hosts, two e1000 cards, one cable');
  say.line(table.toString());
  return hosts;
}
