import { createCable, type CablePort } from '@stack/cable';
import {
  CheckingDma,
  DirectDma,
  DMA_FROM_DEVICE,
  DMA_TO_DEVICE,
  dmaAllocCoherent,
  dmaFreeCoherent,
  dmaMapSingle,
  dmaMemory,
  dmaUnmapSingle,
  PciBus,
  pciEnableDevice,
  pciIoremapBar,
  pciSetMaster,
} from '@stack/pci';
import { eepromImage, Nic82540em } from '@stack/nic-82540em';
import { Cpus, IRQ_HANDLED } from '@stack/softirq';
import { machine, type Machine } from '@stack/testing';
import { expect, test } from 'vitest';
import { CTRL_SLU, ICR_RXT0, RCTL_EN, RCTL_SECRC, RCTL_UPE, TCTL_EN, TXD_EOP, TXD_IFCS, TXD_RS } from '../src/bits.ts';
import * as reg from '../src/registers.ts';
import { MAC, TinyDriver } from './nic-driver.ts';

const content = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7);

test('a frame goes from one chip to the other, each on a bus and a memory of its own', () => {
  const { clock, random, arena } = machine();
  const cable = createCable({ clock, random, arena });
  const a = new TinyDriver(clock, cable.a, dmaMemory(new Uint8Array(1 << 20)));
  const b = new TinyDriver(clock, cable.b, dmaMemory(new Uint8Array(1 << 20)));
  a.startTransmit();
  b.startReceive(64, 63, RCTL_UPE | RCTL_SECRC);
  a.sendLegacy(content(1000));
  clock.drain();
  expect(b.receive()?.bytes).toEqual(content(1000));
  a.unplug();
  b.unplug();
});

/** A chip on our own bus. */
function plugged({ clock, arena }: Machine, port: CablePort) {
  const bus = new PciBus(new Cpus('host', clock, 1), arena);
  const dma = new CheckingDma(new DirectDma(arena));
  const pdev = bus.plug(new Nic82540em({ clock, port, eeprom: eepromImage(MAC) }), { dma });
  pciEnableDevice(pdev);
  pciSetMaster(pdev);
  const io = pciIoremapBar(pdev, 0)!;
  io.write32(reg.CTRL, CTRL_SLU);
  return { bus, dma, pdev, io, ring: dmaAllocCoherent(pdev, 128)! };
}

test('on our bus: DMA reaches only what is mapped, the line interrupts, and nothing is left when they are pulled', () => {
  const parts = machine();
  const { arena, clock, random } = parts;
  const cable = createCable({ clock, random, arena });
  const [a, b] = [plugged(parts, cable.a), plugged(parts, cable.b)];
  const block = arena.alloc(2048);
  const buffer = arena.alloc(2048);
  arena.u8.set(content(1000), block);

  const into = dmaMapSingle(b.pdev, buffer, 1500, DMA_FROM_DEVICE);
  b.ring.view.setInt32(b.ring.address, into, true);
  b.io.write32(reg.RDBAL, b.ring.dma);
  b.io.write32(reg.RDLEN, 128);
  b.io.write32(reg.RCTL, RCTL_EN | RCTL_UPE | RCTL_SECRC);
  b.io.write32(reg.RDT, 1);
  b.io.write32(reg.IMS, ICR_RXT0);
  let causes = 0;
  b.pdev.irq!.request(() => {
    causes |= b.io.read32(reg.ICR);
    return IRQ_HANDLED;
  });

  const from = dmaMapSingle(a.pdev, block, 1000, DMA_TO_DEVICE);
  a.ring.view.setInt32(a.ring.address, from, true);
  a.ring.view.setInt32(a.ring.address + 8, 1000 | TXD_EOP | TXD_IFCS | TXD_RS, true);
  a.io.write32(reg.TDBAL, a.ring.dma);
  a.io.write32(reg.TDLEN, 128);
  a.io.write32(reg.TCTL, TCTL_EN);
  a.io.write32(reg.TDT, 1);
  clock.drain();

  expect(causes & ICR_RXT0).toBe(ICR_RXT0);
  dmaUnmapSingle(a.pdev, from, 1000, DMA_TO_DEVICE);
  dmaUnmapSingle(b.pdev, into, 1500, DMA_FROM_DEVICE);
  expect(arena.u8.slice(buffer, buffer + 1000)).toEqual(content(1000));
  for (const { bus, pdev, ring, dma } of [a, b]) {
    dmaFreeCoherent(pdev, ring);
    bus.unplug(pdev);
    dma.check();
  }
  arena.release(block);
  arena.release(buffer);
});

test('a driver that unmaps too early is found', () => {
  const parts = machine();
  const { clock, random, arena } = parts;
  const cable = createCable({ clock, random, arena });
  const a = plugged(parts, cable.a);
  const b = plugged(parts, cable.b);
  const block = arena.alloc(2048);
  const from = dmaMapSingle(a.pdev, block, 1000, DMA_TO_DEVICE);
  a.ring.view.setInt32(a.ring.address, from, true);
  a.ring.view.setInt32(a.ring.address + 8, 1000 | TXD_EOP | TXD_IFCS, true);
  a.io.write32(reg.TDBAL, a.ring.dma);
  a.io.write32(reg.TDLEN, 128);
  a.io.write32(reg.TCTL, TCTL_EN);
  a.io.write32(reg.TDT, 1);
  dmaUnmapSingle(a.pdev, from, 1000, DMA_TO_DEVICE);
  expect(() => clock.drain()).toThrow(expect.objectContaining({ code: 'ERR_STACK_DMA' }));
  for (const { bus, pdev, ring } of [a, b]) {
    dmaFreeCoherent(pdev, ring);
    bus.unplug(pdev);
  }
  arena.release(block);
});
