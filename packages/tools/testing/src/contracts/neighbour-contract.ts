import { nanoseconds, virtualClock, type Duration } from '@stack/clock';
import type { Host } from '@stack/host';
import type { Neighbour } from '@stack/neigh';
import type { Plugin } from '@stack/plugin';
import { describe, expect, test } from 'vitest';
import { ipNumber, macText } from '../addresses.ts';
import { machine } from '../machine.ts';
import { ipHost } from './ip-host.ts';
import { packetTypeContract } from './packet-type-contract.ts';
import { PacketPath } from './packet-path.ts';

export interface NeighbourContractOptions {
  /** The ethertype of its frames. */
  readonly ethertype: number;
  /** How long hosts need at most to learn of each other. */
  readonly within: Duration;
  /** Payloads of its frames: they are tried, cut off and damaged as well. */
  readonly payloads?: readonly Uint8Array[];
}

const SERVER = { address: '10.0.0.1', mac: '02:00:00:00:00:0a' };
const CLIENT = { address: '10.0.0.2', mac: '02:00:00:00:00:0b' };
const STRANGER = '10.0.0.9';

/**
 * What every protocol has to do that tells hosts of their neighbours, as tests: hosts that have it learn each other's
 * addresses without asking, and nothing that is not so; what they learned grows stale; damaged frames do no harm; packets
 * go with the host. As a packet type it keeps {@link packetTypeContract} too.
 *
 * ```ts
 * neighbourContract('announce', () => announce(1), { ethertype: 0x88b6, within: '2s' });
 * ```
 *
 * @param make - the plugin, new for each host
 */
export function neighbourContract(name: string, make: () => Plugin, options: NeighbourContractOptions): void {
  const { ethertype, payloads = [], within } = options;
  describe(`the neighbour protocol ${name}`, () => {
    test('tells hosts who has which address', async () => {
      const { lab, clock, client } = await pair(make);
      clock.runFor(SETTLED + nanoseconds(within));
      expect((await entry(client, STRANGER)) === null, 'it knows of a host that does not exist').toBe(true);
      const server = await entry(client, SERVER.address);
      expect(server, `after ${String(within)}, the client knows nothing of the server`).not.toBeNull();
      expect(macText(server!.ha), 'it learned another address than the one that sent').toBe(SERVER.mac);
      lab.close();
    });

    test('lets what it learned grow stale', async () => {
      const { NUD_PERMANENT, NUD_REACHABLE } = await import('@stack/neigh');
      const { lab, clock, client, server } = await pair(make);
      clock.runFor(SETTLED + nanoseconds(within));
      const learned = await entry(client, SERVER.address);
      expect(learned?.state ?? 0, 'what comes from the wire is no NUD_PERMANENT').not.toBe(NUD_PERMANENT);
      server.close();
      clock.runFor(600e9);
      const later = await entry(client, SERVER.address);
      expect(later?.state ?? 0, 'ten minutes after the host fell silent, it counts as reachable').not.toBe(
        NUD_REACHABLE,
      );
      lab.close();
    });

    test('starts on a host without a device, and its timers go with the host', async () => {
      const lab = machine({ timers: true });
      const host = await ipHost([make()], { lab });
      const path = await PacketPath.of(host);
      path.watch(`neighbour protocol ${name}`, 'a timer', () => lab.clock.runFor(60e9));
      host.close();
      expect(lab.clock.timers.size, 'attach has to return an undo that cancels its timers').toBe(0);
    });
  });
  const needs = async (): Promise<readonly Plugin[]> => {
    const [{ arp }, { netfilter }, { ipv4 }] = await Promise.all([
      import('@stack/neigh'),
      import('@stack/netfilter'),
      import('@stack/ipv4'),
    ]);
    return [arp(), netfilter(), ipv4()];
  };
  // It remembers who sent, so it may allocate.
  packetTypeContract(name, ethertype, make, { payloads, allocates: true, needs });
}

/** Until links are up. */
const SETTLED = 3e9;

async function pair(make: () => Plugin) {
  const { createLab, e1000, inet } = await import('@stack/host');
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable({ delay: '1ms' });
  const host = (name: string, port: 'a' | 'b', { address, mac }: typeof SERVER): Host =>
    lab.host({
      name,
      use: [...inet(), make()],
      devices: { eth0: e1000({ port: cable[port], address: `${address}/24`, mac }) },
    });
  return { lab, clock, server: host('server', 'a', SERVER), client: host('client', 'b', CLIENT) };
}

/** What a host knows of an address. */
async function entry(host: Host, address: string): Promise<Neighbour | null> {
  const { Arp } = await import('@stack/neigh');
  const number = ipNumber(address);
  const known = (neigh: Neighbour): boolean => neigh.key === number && neigh.dev.name === 'eth0';
  return host.get(Arp).table.entries.find(known) ?? null;
}
