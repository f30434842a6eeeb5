import { devOpen, netdev, NetCore, PacketTypes, type NetDevice } from '@stack/netdev';
import { CheckingDma, DirectDma, Pci, pciBus, type PciDev } from '@stack/pci';
import type { Container } from '@stack/plugin';
import { pfifoFast } from '@stack/qdisc';
import { eth, Skbs, type CheckingSkbPool, type SkBuff } from '@stack/skb';
import { machine, testHost, whenPassed, type Machine, type MachineOptions } from '@stack/testing';
import type { E1000Adapter } from '../src/adapter.ts';
import { e1000Driver, type E1000Choice } from '../src/index.ts';
import { FakeChip } from './fake-chip.ts';

export interface Rig {
  lab: Machine;
  host: Container;
  chip: FakeChip;
  dma: CheckingDma;
  pdev: PciDev;
  dev: NetDevice;
  adapter: E1000Adapter;
  pool: CheckingSkbPool;
  core: NetCore;
}

/** A host with a chip that the test moves. All DMA is checked, and must be given back when the host has closed. */
export function rig(parameters: E1000Choice = {}, options: MachineOptions & { chip?: FakeChip } = {}): Rig {
  const lab = machine({ timers: true, size: 8 * 1024 * 1024, ...options });
  const dma = new CheckingDma(new DirectDma(lab.arena));
  whenPassed(() => dma.check());
  const host = testHost(lab, 'alice', [netdev(), pfifoFast(), pciBus(), e1000Driver(parameters)]);
  const chip = options.chip ?? new FakeChip();
  const pdev = host.get(Pci).plug(chip, { dma });
  const dev = pdev.driverData as NetDevice;
  const adapter = dev?.priv as E1000Adapter;
  return { lab, host, chip, dma, pdev, dev, adapter, pool: host.get(Skbs) as CheckingSkbPool, core: host.get(NetCore) };
}

/** The same, up and with a carrier. */
export function openRig(parameters: E1000Choice = {}, options: MachineOptions & { chip?: FakeChip } = {}): Rig {
  const made = rig(parameters, options);
  if (devOpen(made.dev) !== 0) throw new Error('did not open');
  made.lab.clock.drain();
  made.chip.writes.length = 0;
  return made;
}

/** Takes all frames of an ethertype; the test frees them. */
export function collect({ host, dev }: Rig, type: number = eth.TYPE_ALL): SkBuff[] {
  const got: SkBuff[] = [];
  host.get(PacketTypes).add({
    name: 'test',
    type,
    dev: type === eth.TYPE_ALL ? dev : null,
    func: (skb) => {
      got.push(skb);
      return 0;
    },
  });
  return got;
}

export function consumeAll(skbs: SkBuff[]): void {
  for (const skb of skbs) skb.consume();
  skbs.length = 0;
}

/** The bytes from the Ethernet header on. */
export function frameBytes(skb: SkBuff): Uint8Array {
  const { arena, shinfo } = skb;
  const parts = [...arena.u8.subarray(skb.macHeader, skb.tail)];
  for (let i = 0; i < shinfo.nrFrags; i++) {
    const at = shinfo.fragAddress(i);
    parts.push(...arena.u8.subarray(at, at + shinfo.fragSize[i]));
  }
  return Uint8Array.from(parts);
}

/** Different bytes at every place. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >>> 8)) & 0xff);
}
