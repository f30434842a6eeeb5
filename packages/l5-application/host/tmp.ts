import { Clock, Random, realClock, seededRandom } from '@stack/clock';
import { Arena, Memory } from '@stack/memory';
import { devOpen, netdev } from '@stack/netdev';
import { Container } from '@stack/plugin';
import { SkbPool, Skbs } from '@stack/skb';
import { softirqs } from '@stack/softirq';
import { pfifoFast } from '@stack/qdisc';
import { arp } from '@stack/neigh';
import { netfilter } from '@stack/netfilter';
import { ipv4, Ipv4 } from '@stack/ipv4';
import { createTap } from '@stack/tap';
import { execFileSync, spawn } from 'node:child_process';
const arena = new Arena(256 << 20);
const pool = new SkbPool(arena);
const clock = realClock();
const host = new Container('a');
host.use([
  {
    name: 'm',
    provide(p) {
      p.bind(Clock, () => clock);
      p.bind(Random, () => seededRandom(1));
      p.bind(Memory, () => arena);
      p.bind(Skbs, () => pool);
    },
  },
  softirqs({ name: 'a' }),
  netdev(),
  pfifoFast(),
  arp(),
  netfilter(),
  ipv4(),
]);
const ns = 'bench-' + process.pid;
const sh = (c: string) => execFileSync('sh', ['-c', c], { encoding: 'utf8' });
sh(`ip netns add ${ns}`);
try {
  const dev = createTap(host, { name: 'tap0', namespace: ns });
  devOpen(dev);
  host.get(Ipv4).addAddress(dev, '10.9.0.2/24');
  sh(
    `ip netns exec ${ns} sysctl -qw net.ipv6.conf.tap0.disable_ipv6=1; ip -n ${ns} addr add 10.9.0.1/24 dev tap0; ip -n ${ns} link set tap0 up`,
  );
  for (const args of ['-c 200 -i 0.002 -q', '-c 30 -i 0.1 -q', '-f -c 20000 -s 56']) {
    const c = spawn('sh', ['-c', `ip netns exec ${ns} ping ${args} -w 5 10.9.0.2 | tail -3`], { stdio: 'inherit' });
    await new Promise((r) => c.on('exit', r));
  }
  console.log(
    dev.stats,
    pool.live,
    [...pool.drops].map((n, i) => [n, i]).filter((x) => x[0]),
  );
  host.close();
} finally {
  sh(`ip netns del ${ns}`);
}
