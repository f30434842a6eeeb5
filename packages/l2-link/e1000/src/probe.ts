import {
  allocEtherdev,
  NETIF_F_HW_CSUM,
  NETIF_F_HW_VLAN_CTAG_RX,
  NETIF_F_HW_VLAN_CTAG_TX,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  netifCarrierOff,
  netifNapiAdd,
  registerNetdevice,
  unregisterNetdevice,
  type NetCore,
  type NetDevice,
} from '@stack/netdev';
import { pciDisableDevice, pciEnableDevice, pciIoremapBar, pciSetMaster, type PciDev } from '@stack/pci';
import { EIO } from '@stack/plugin';
import { WheelTimer } from '@stack/softirq';
import { e1000Priv, E1000Adapter } from './adapter.ts';
import { ICR_RXDMT0 } from './bits.ts';
import { e1000ReadMacAddr, e1000ValidateEepromChecksum } from './hw/eeprom.ts';
import { E1000Hw } from './hw/hw.ts';
import { e1000DetectGigPhy } from './hw/phy.ts';
import { e1000ResetHw } from './hw/reset.ts';
import { e1000Clean } from './interrupt.ts';
import { e1000IrqDisable } from './interrupt-mask.ts';
import { e1000NetdevOps } from './netdev-ops.ts';
import type { CheckedParameters } from './params.ts';
import { E1000RxRing } from './receive/rx-ring.ts';
import { ICS } from './registers.ts';
import { MAX_MTU, MIN_MTU, setBufferSize } from './setup/buffer-size.ts';
import { e1000Reset } from './setup/reset.ts';
import { E1000TxRing } from './transmit/tx-ring.ts';
import { e1000ResetTask, e1000Watchdog } from './watchdog.ts';

/** Packets of one poll. */
const WEIGHT = 64;
/** The registers. */
const BAR_0 = 0;

/**
 * A chip was found: registers a network device for it, closed. An EEPROM with a wrong checksum leaves the device
 * without an address, and it cannot be opened until it is given one. 0 or a negative errno.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_probe()
 */
export function e1000Probe(core: NetCore, pdev: PciDev, params: CheckedParameters): number {
  const io = pciIoremapBar(pdev, BAR_0);
  if (io === null) return -EIO;
  pciEnableDevice(pdev);
  pciSetMaster(pdev);
  const hw = new E1000Hw(io);
  if (!e1000ResetHw(hw) || !e1000DetectGigPhy(hw)) {
    pciDisableDevice(pdev);
    return -EIO;
  }
  if (e1000ValidateEepromChecksum(hw)) e1000ReadMacAddr(hw);
  const dev = allocEtherdev(params.name, e1000NetdevOps);
  const adapter = new E1000Adapter(pdev, dev, core, hw, params);
  dev.priv = adapter;
  dev.minMtu = MIN_MTU;
  dev.maxMtu = MAX_MTU;
  dev.devAddr.set(hw.macAddr);
  setFeatures(dev, params);
  e1000SwInit(adapter);
  e1000Reset(adapter);
  registerNetdevice(core, dev);
  netifCarrierOff(dev);
  pdev.driverData = dev;
  return 0;
}

function setFeatures(dev: NetDevice, params: CheckedParameters): void {
  dev.hwFeatures = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_RXCSUM | NETIF_F_HW_VLAN_CTAG_RX;
  dev.features = dev.hwFeatures | NETIF_F_HW_VLAN_CTAG_TX;
  if (!params.xsumRX) dev.features &= ~NETIF_F_RXCSUM;
}

/** The driver's own state. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_sw_init() */
function e1000SwInit(adapter: E1000Adapter): void {
  const { core, dev, hw } = adapter;
  setBufferSize(adapter, dev.mtu);
  e1000AllocQueues(adapter);
  adapter.napi = netifNapiAdd(dev, e1000Clean, WEIGHT);
  adapter.watchdogTask = { run: () => e1000Watchdog(adapter) };
  adapter.resetTask = { run: () => e1000ResetTask(adapter) };
  // An interrupt as if descriptors had run out: the poll fills the ring.
  adapter.refillTimer = new WheelTimer(core.timers.boot, () => hw.write(ICS, ICR_RXDMT0));
  e1000IrqDisable(adapter);
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_alloc_queues() */
function e1000AllocQueues(adapter: E1000Adapter): void {
  adapter.txRing = new E1000TxRing(adapter.params.txDescriptors);
  adapter.rxRing = new E1000RxRing(adapter.params.rxDescriptors);
}

/** The chip is taken away, or the driver. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_remove() */
export function e1000Remove(pdev: PciDev): void {
  const dev = pdev.driverData as NetDevice | null;
  if (dev === null) return;
  unregisterNetdevice(dev);
  e1000ResetHw(e1000Priv(dev).hw);
  pciDisableDevice(pdev);
}
