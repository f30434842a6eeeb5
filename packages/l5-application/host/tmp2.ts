import { Clock, Random, realClock, seededRandom } from '@stack/clock';
import { Arena, Memory } from '@stack/memory';
import { devOpen, netdev, type NetDevice } from '@stack/netdev';
import { Container } from '@stack/plugin';
import { SkbPool, Skbs } from '@stack/skb';
import { softirqs } from '@stack/softirq';
import { pfifoFast } from '@stack/qdisc';
import { arp } from '@stack/neigh';
import { netfilter } from '@stack/netfilter';
import { ipv4, Ipv4 } from '@stack/ipv4';
import { createTap } from '@stack/tap';
import { createCable } from '@stack/cable';
import { Pci, pciBus } from '@stack/pci';
import { e1000Driver } from '@stack/e1000';
import { eepromImage, Nic82540em } from '@stack/nic-82540em';
import { PcapWriter, captureCable } from '@stack/pcap';
import { writeFileSync } from 'node:fs';
import { execFileSync, spawn } from 'node:child_process';
const arena = new Arena(256 << 20);
const clock = realClock();
const mk = (name: string) => {
  const pool = new SkbPool(arena);
  const host = new Container(name);
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
    softirqs({ name }),
    netdev(),
    pfifoFast(),
    arp(),
    netfilter(),
    ipv4(),
    pciBus(),
    e1000Driver(),
  ]);
  return { host, pool };
};
const R = mk('router'),
  S = mk('server');
const cable = createCable({
  clock,
  random: seededRandom(3),
  arena,
  ...(process.env.OPT ? JSON.parse(process.env.OPT) : {}),
});
const nic = (h: any, port: any, n: number) => {
  const chip = new Nic82540em({ clock, port, eeprom: eepromImage(Uint8Array.of(2, 0, 0, 0, 1, n)) });
  const pdev = h.host.get(Pci).plug(chip);
  const d = pdev.driverData as NetDevice;
  console.log('open', devOpen(d));
  return d;
};
const re = nic(R, cable.a, 1),
  se = nic(S, cable.b, 2);
R.host.get(Ipv4).addAddress(re, '10.8.0.1/24');
S.host.get(Ipv4).addAddress(se, '10.8.0.2/24');
S.host.get(Ipv4).addRoute({ to: '0.0.0.0/0', via: '10.8.0.1', dev: se });
const w = new PcapWriter();
captureCable(cable, w);
const ns = 'bench-' + process.pid;
const sh = (c: string) => execFileSync('sh', ['-c', c], { encoding: 'utf8' });
sh(`ip netns add ${ns}`);
try {
  const dev = createTap(R.host, { name: 'tap0', namespace: ns });
  devOpen(dev);
  R.host.get(Ipv4).addAddress(dev, '10.9.0.2/24');
  (R.host.get(Ipv4) as any).sysctls && ((R.host.get(Ipv4) as any).sysctls.ipForward = true);
  console.log(Object.keys(R.host.get(Ipv4)), (R.host.get(Ipv4) as any).sysctl);
  sh(
    `ip netns exec ${ns} sysctl -qw net.ipv6.conf.tap0.disable_ipv6=1; ip -n ${ns} addr add 10.9.0.1/24 dev tap0; ip -n ${ns} link set tap0 up; ip -n ${ns} route add 10.8.0.0/24 via 10.9.0.2`,
  );
  for (const args of ['-c 20 -i 0.02 -q', '-c 5 -i 0.05 -s 8000 -q', '-f -c 2000 -s 1400']) {
    const c = spawn('sh', ['-c', `ip netns exec ${ns} ping ${args} -w 5 10.8.0.2 | tail -3`], { stdio: 'inherit' });
    await new Promise((r) => c.on('exit', r));
  }
  console.log(
    re.carrier,
    se.carrier,
    cable.up,
    re.stats.txPackets,
    re.stats.rxPackets,
    se.stats.rxPackets,
    cable.statistics,
    R.pool.live,
    S.pool.live,
  );
  for (const x of [R, S]) console.log([...x.pool.drops].map((n, i) => [n, i]).filter((x) => x[0]));
  writeFileSync('/tmp/dd/cable.pcapng', w.bytes());
  R.host.close();
  S.host.close();
  console.log(arena.live);
} finally {
  sh(`ip netns del ${ns}`);
}
