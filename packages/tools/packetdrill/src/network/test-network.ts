import { SEC, virtualClock, type VirtualClock } from '@stack/clock';
import { createLab, type Host, type Lab } from '@stack/host';
import { formatIpv4, Ipv4, ipv4 } from '@stack/ipv4';
import { loopback } from '@stack/loopback';
import { arp } from '@stack/neigh';
import { netdev } from '@stack/netdev';
import { netfilter } from '@stack/netfilter';
import type { Plugin } from '@stack/plugin';
import { qdiscs } from '@stack/qdisc';
import { sockets } from '@stack/sock';
import { bsdSockets } from '@stack/socket';
import { bbr, dctcp, tcp } from '@stack/tcp';
import { udp } from '@stack/udp';
import type { Config } from './config.ts';
import { tunDevice, type Tun } from './tun.ts';

/** How long the host has been up when a script begins. */
const UPTIME = 1_000 * SEC;

export interface TestNetwork {
  readonly lab: Lab;
  readonly host: Host;
  readonly clock: VirtualClock;
  readonly tun: Tun;
}

export interface NetworkOptions {
  /** Finds misuse of packet memory, and takes time. */
  readonly checking: boolean;
  /** Bytes of packet memory. */
  readonly memory: number;
  readonly plugins: readonly Plugin[];
}

/** The host under test, with its one device, in virtual time. */
export function createTestNetwork(config: Config, options: NetworkOptions): TestNetwork {
  const clock = virtualClock(UPTIME);
  const lab = createLab({ clock, seed: 1, memory: options.memory, checking: options.checking });
  let tun!: Tun;
  const settings = { address: `${formatIpv4(config.localIp)}/16`, mtu: config.mtu, qdisc: 'pfifo' };
  const host = lab.host({
    name: 'dut',
    use: [
      netdev(), qdiscs(), loopback(), arp(), netfilter(), ipv4(),
      sockets(), udp(), tcp(), bbr(), dctcp(), bsdSockets(), ...options.plugins,
    ],
    devices: { tun0: tunDevice(settings, (made) => (tun = made)) },
  }); // prettier-ignore
  host.get(Ipv4).addRoute({ to: `${formatIpv4(config.remoteIp)}/32`, dev: 'tun0' });
  return { lab, host, clock, tun };
}
