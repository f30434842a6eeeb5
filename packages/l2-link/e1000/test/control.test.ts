import { SEC } from '@stack/clock';
import {
  devChangeMtu,
  devClose,
  devMcAdd,
  devMcDel,
  devOpen,
  devSetFeatures,
  devSetMacAddress,
  devSetPromiscuity,
  IFF_ALLMULTI,
  NETIF_F_HW_VLAN_CTAG_RX,
  NETIF_F_RXCSUM,
} from '@stack/netdev';
import { Pci, pciDoRecovery, pciResume, pciSuspend } from '@stack/pci';
import { EINVAL } from '@stack/plugin';
import { macBytes } from '@stack/testing';
import { describe, expect, it } from 'vitest';
import {
  CTRL_RFCE,
  CTRL_TFCE,
  CTRL_VME,
  ICR_LSC,
  RCTL_BSEX,
  RCTL_BSIZE_4096,
  RCTL_EN,
  RCTL_LPE,
  RCTL_MPE,
  RCTL_SECRC,
  RCTL_UPE,
  RXCSUM_IPOFL,
  RXCSUM_TUOFL,
  TCTL_EN,
} from '../src/bits.ts';
import { CRCERRS, CTRL, FCRTH, FCRTL, MPC, MTA, PBA, RAH, RAL, RCTL, RXCSUM, TCTL } from '../src/registers.ts';
import { e1000GetEthtoolStats } from '../src/index.ts';
import { FakeChip } from './fake-chip.ts';
import { collect, consumeAll, openRig, pattern, rig, type Rig } from './rig.ts';

const reg = ({ chip }: Rig, register: number): number => chip.regs[register >>> 2];
/** Of the transceiver's control register. */
const POWER_DOWN = 0x800;
const MODE = RCTL_UPE | RCTL_MPE;

describe('the address filter', () => {
  it('has our address, also a new one', () => {
    const made = openRig();
    expect([reg(made, RAL), reg(made, RAH) >>> 0]).toEqual([0x00000002, 0x80000100]);
    expect(devSetMacAddress(made.dev, macBytes('02:11:22:33:44:55'))).toBe(0);
    expect([reg(made, RAL), reg(made, RAH) >>> 0]).toEqual([0x33221102, 0x80005544]);
  });

  it('keeps it when the chip is reset', () => {
    const made = openRig();
    devSetMacAddress(made.dev, macBytes('02:11:22:33:44:55'));
    devChangeMtu(made.dev, 9000);
    expect(reg(made, RAL)).toBe(0x33221102);
  });

  it('has fourteen groups, and further ones in the hash table', () => {
    const made = openRig();
    const group = (i: number): Uint8Array => macBytes(`01:00:5e:00:00:${(16 + i).toString(16)}`);
    for (let i = 0; i < 14; i++) devMcAdd(made.dev, group(i));
    expect(reg(made, RAH + 8 * 14) >>> 0).toBe(0x80001d00);
    const table = (): number[] => Array.from({ length: 128 }, (_, i) => made.chip.regs[(MTA >>> 2) + i]);
    expect(table().every((word) => word === 0)).toBe(true);
    devMcAdd(made.dev, group(14));
    const hash = ((0x00 >>> 4) | (0x1e << 4)) & 0xfff;
    expect(
      table()
        .map((word, i) => (word === 0 ? -1 : i))
        .filter((i) => i >= 0),
    ).toEqual([hash >>> 5]);
    expect(table()[hash >>> 5]).toBe(1 << (hash & 31));
    devMcDel(made.dev, group(14));
    devMcDel(made.dev, group(13));
    expect(reg(made, RAH + 8 * 14)).toBe(0);
    expect(table().every((word) => word === 0)).toBe(true);
  });

  it('lets all frames pass, or all to groups, when told to', () => {
    const made = openRig();
    expect(reg(made, RCTL) & MODE).toBe(0);
    devSetPromiscuity(made.dev, 1);
    expect(reg(made, RCTL) & MODE).toBe(MODE);
    devSetPromiscuity(made.dev, -1);
    made.dev.flags |= IFF_ALLMULTI;
    made.dev.ops.setRxMode!(made.dev);
    expect(reg(made, RCTL) & MODE).toBe(RCTL_MPE);
  });
});

describe('the MTU', () => {
  it('changes buffers and limits while the device is up', () => {
    const made = openRig();
    const receiver = RCTL_EN | RCTL_LPE | RCTL_BSEX | RCTL_BSIZE_4096 | RCTL_SECRC;
    expect(reg(made, RCTL) & receiver).toBe(RCTL_EN | RCTL_SECRC);
    expect(devChangeMtu(made.dev, 9000)).toBe(0);
    expect(reg(made, RCTL) & receiver).toBe(receiver);
    expect(reg(made, PBA)).toBe(40);
    made.lab.clock.drain();
    expect(made.dev.carrier).toBe(true);
    expect(made.chip.room).toBe(255);
    devChangeMtu(made.dev, 2000);
    expect(reg(made, RCTL) & receiver).toBe(RCTL_EN | RCTL_LPE | RCTL_SECRC);
    devChangeMtu(made.dev, 1500);
    expect(reg(made, RCTL) & receiver).toBe(RCTL_EN | RCTL_SECRC);
    expect(reg(made, PBA)).toBe(48);
  });

  it('changes while the device is down', () => {
    const made = rig();
    devChangeMtu(made.dev, 9000);
    expect(made.lab.arena.live).toBe(0);
    devOpen(made.dev);
    expect(reg(made, RCTL) & RCTL_LPE).toBe(RCTL_LPE);
  });

  it('has limits', () => {
    const { dev } = rig();
    expect(devChangeMtu(dev, 16_111)).toBe(-EINVAL);
    expect(devChangeMtu(dev, 45)).toBe(-EINVAL);
    expect(devChangeMtu(dev, 16_110)).toBe(0);
  });
});

describe('the link', () => {
  it('comes and goes with its interrupts; the transmitter is on with a link only', () => {
    const made = rig();
    made.chip.phy[1] = 0x7949;
    devOpen(made.dev);
    made.lab.clock.drain();
    expect(made.dev.carrier).toBe(false);
    expect(reg(made, TCTL) & TCTL_EN).toBe(0);
    made.chip.link(true);
    made.lab.clock.drain();
    expect(made.dev.carrier).toBe(true);
    expect(reg(made, TCTL) & TCTL_EN).toBe(TCTL_EN);
    expect(made.adapter.linkSpeed).toBe(1000);
    made.chip.link(false);
    made.lab.clock.drain();
    expect(made.dev.carrier).toBe(false);
  });

  it('that came back at once is still there', () => {
    const made = openRig();
    made.chip.link(false);
    made.chip.link(true);
    made.lab.clock.drain();
    expect(made.dev.carrier).toBe(true);
  });

  it('when it goes, packets that were not sent are dropped', () => {
    const made = openRig();
    const skb = made.pool.alloc(128)!;
    skb.putData(pattern(100));
    made.dev.ops.startXmit(skb, made.dev);
    made.chip.link(false);
    made.lab.clock.drain();
    expect(made.pool.live).toBe(0);
    made.chip.link(true);
    made.lab.clock.drain();
    expect(made.dev.carrier).toBe(true);
  });

  it('a device that is closed shows none', () => {
    const made = openRig();
    made.dev.ops.stop(made.dev);
    expect(made.chip.phy[0] & POWER_DOWN).toBe(POWER_DOWN);
    expect(made.dev.ops.open(made.dev)).toBe(0);
    expect(made.chip.phy[0] & POWER_DOWN).toBe(0);
  });
});

describe('flow control', () => {
  /** Pause bits of what the partner can do, and what we make of it. */
  const resolved = (flowControl: 'none' | 'rx' | 'tx' | 'full', partner: number): string => {
    const chip = new FakeChip();
    chip.phy[5] = 0x41e1 | partner;
    const made = openRig({ flowControl }, { chip });
    const control = reg(made, CTRL);
    return `${(control & CTRL_RFCE) === 0 ? '' : 'rx'}${(control & CTRL_TFCE) === 0 ? '' : 'tx'}`;
  };
  const PAUSE = 0x400;
  const ASM_DIR = 0x800;

  it.each([
    ['full', PAUSE | ASM_DIR, 'rxtx'],
    ['full', PAUSE, 'rxtx'],
    ['full', ASM_DIR, 'rx'],
    ['full', 0, ''],
    ['rx', PAUSE | ASM_DIR, 'rx'],
    ['rx', ASM_DIR, 'rx'],
    ['tx', PAUSE | ASM_DIR, 'tx'],
    ['tx', PAUSE, ''],
    ['tx', ASM_DIR, ''],
    ['none', PAUSE | ASM_DIR, ''],
  ] as const)('we offer %s, the partner %i: %s', (ours, theirs, result) => {
    expect(resolved(ours, theirs)).toBe(result);
  });

  it('is what the EEPROM says unless given', () => {
    expect(reg(openRig({}, { chip: new FakeChip(undefined, 0) }), CTRL) & (CTRL_RFCE | CTRL_TFCE)).toBe(0);
    expect(reg(openRig(), CTRL) & (CTRL_RFCE | CTRL_TFCE)).toBe(CTRL_RFCE | CTRL_TFCE);
  });

  it('pauses the sender when the receive buffer is full but for a tenth', () => {
    const made = openRig();
    expect(reg(made, FCRTH)).toBe(Math.floor(48 * 1024 * 0.9) & ~7);
    expect(reg(made, FCRTL)).toBe((reg(made, FCRTH) - 8) | (1 << 31));
  });
});

describe('features', () => {
  it('checksums of received packets are switched in the chip', () => {
    const made = openRig();
    expect(reg(made, RXCSUM)).toBe(RXCSUM_IPOFL | RXCSUM_TUOFL);
    devSetFeatures(made.dev, made.dev.features & ~NETIF_F_RXCSUM);
    expect(reg(made, RXCSUM)).toBe(0);
    made.lab.clock.drain();
    expect(made.dev.carrier).toBe(true);
  });

  it('so are tags', () => {
    const made = openRig();
    expect(reg(made, CTRL) & CTRL_VME).toBe(CTRL_VME);
    devSetFeatures(made.dev, made.dev.features & ~NETIF_F_HW_VLAN_CTAG_RX);
    expect(reg(made, CTRL) & CTRL_VME).toBe(0);
  });
});

describe('statistics', () => {
  it('come from the chip while there is traffic, at most every two seconds', () => {
    const made = openRig();
    const got = collect(made);
    made.chip.regs[CRCERRS >>> 2] = 3;
    made.chip.regs[MPC >>> 2] = 5;
    made.lab.clock.runFor(2 * SEC);
    expect(made.dev.stats.rxCrcErrors).toBe(0);
    made.chip.receive(new Uint8Array(60));
    made.lab.clock.drain();
    expect(made.dev.stats).toMatchObject({ rxCrcErrors: 3, rxErrors: 3, rxMissed: 5 });
    consumeAll(got);
  });

  it("come when they are asked for, with the driver's own", () => {
    const made = openRig();
    made.chip.regs[CRCERRS >>> 2] = 3;
    expect(e1000GetEthtoolStats(made.dev)).toMatchObject({ rxCsumOffloadErrors: 0, txTimeoutCount: 0 });
    expect(made.dev.stats.rxCrcErrors).toBe(3);
    expect(made.chip.regs[CRCERRS >>> 2]).toBe(0);
  });

  it('come when the device is closed', () => {
    const made = openRig();
    made.chip.regs[MPC >>> 2] = 5;
    made.host.close();
    expect(made.dev.stats.rxMissed).toBe(5);
  });
});

describe('an idle host', () => {
  it('has nothing to do', () => {
    const made = openRig();
    expect(made.lab.clock.idle).toBe(true);
    expect(made.lab.clock.nextTimer).toBe(Infinity);
  });
});

describe('sleep', () => {
  const received = (made: Rig): number => {
    const got = collect(made);
    made.chip.receive(new Uint8Array(60));
    made.lab.clock.drain();
    const { length } = got;
    consumeAll(got);
    return length;
  };

  it('and wake: the device goes on as before', () => {
    const made = openRig();
    const bus = made.host.get(Pci);
    expect(pciSuspend(bus)).toBe(0);
    expect([made.chip.powerState, made.chip.command & 4, made.dev.present]).toEqual([3, 0, false]);
    expect(made.chip.mask).toBe(0);
    expect(made.chip.phy[0] & POWER_DOWN).toBe(POWER_DOWN);
    expect(pciResume(bus)).toBe(0);
    made.lab.clock.drain();
    expect(made.chip.phy[0] & POWER_DOWN).toBe(0);
    expect([made.chip.powerState, made.chip.command & 4, made.dev.present]).toEqual([0, 4, true]);
    expect(made.dev.carrier).toBe(true);
    expect(received(made)).toBe(1);
  });

  it('gives the interrupt back and takes it once', () => {
    const made = openRig();
    pciSuspend(made.host.get(Pci));
    pciResume(made.host.get(Pci));
    devClose(made.dev);
    const { count } = made.pdev.irq!;
    made.pdev.irq!.pulse();
    made.lab.clock.drain();
    expect(made.pdev.irq!.count).toBe(count);
  });

  it('of a device that is closed', () => {
    const made = rig();
    const bus = made.host.get(Pci);
    pciSuspend(bus);
    pciResume(bus);
    expect(devOpen(made.dev)).toBe(0);
    made.lab.clock.drain();
    expect(received(made)).toBe(1);
  });

  it('and close: nothing is left', () => {
    const made = openRig();
    pciSuspend(made.host.get(Pci));
    made.host.close();
    expect([made.dma.live, made.lab.arena.live]).toEqual([0, 0]);
  });

  it('for good, when the machine is switched off', () => {
    const made = openRig();
    made.host.get(Pci).shutdown();
    expect(made.chip.powerState).toBe(3);
    expect(made.chip.mask).toBe(0);
  });
});

describe('errors of the bus', () => {
  it('the slot is reset, and the device goes on', () => {
    const made = openRig();
    expect(pciDoRecovery(made.pdev, 'frozen')).toBe(true);
    made.lab.clock.drain();
    expect(made.dev.carrier).toBe(true);
    expect(made.chip.room).toBe(255);
    expect(made.chip.command & 6).toBe(6);
  });

  it('of a device that is closed', () => {
    const made = rig();
    expect(pciDoRecovery(made.pdev, 'frozen')).toBe(true);
    expect(made.dma.live).toBe(0);
    expect(devOpen(made.dev)).toBe(0);
  });

  it('between error and recovery, an interrupt does not wake the device', () => {
    const made = openRig();
    expect(made.pdev.driver!.errHandler!.errorDetected(made.pdev, 'normal')).toBe('need-reset');
    made.chip.interrupt(ICR_LSC);
    made.pdev.irq!.pulse();
    made.lab.clock.drain();
    expect(made.chip.mask).toBe(0);
    expect(made.dev.carrier).toBe(false);
  });

  it('for ever: the device stays away, and closes without harm', () => {
    const made = openRig();
    expect(pciDoRecovery(made.pdev, 'permanent-failure')).toBe(false);
    expect(made.dev.present).toBe(false);
    made.host.close();
    expect([made.dma.live, made.lab.arena.live]).toEqual([0, 0]);
  });
});
