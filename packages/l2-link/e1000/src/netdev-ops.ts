import { NETIF_F_HW_VLAN_CTAG_RX, NETIF_F_RXCSUM, type NetDevice, type NetDeviceOps } from '@stack/netdev';
import { e1000Priv } from './adapter.ts';
import { e1000RarSet } from './hw/receive-address.ts';
import { setBufferSize } from './setup/buffer-size.ts';
import { e1000Close, e1000Open } from './setup/open-close.ts';
import { e1000Reset } from './setup/reset.ts';
import { e1000SetRxMode } from './setup/rx-mode.ts';
import { e1000Down, e1000ReinitLocked, e1000Up } from './setup/up-down.ts';
import { e1000XmitFrame } from './transmit/xmit-frame.ts';
import { e1000TxTimeout } from './watchdog.ts';

/** Everything that netdev calls. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_netdev_ops */
export const e1000NetdevOps: NetDeviceOps = {
  open: e1000Open,
  stop: e1000Close,
  startXmit: e1000XmitFrame,
  changeMtu: e1000ChangeMtu,
  setMacAddress: e1000SetMac,
  setRxMode: e1000SetRxMode,
  setFeatures: e1000SetFeatures,
  txTimeout: (dev) => e1000TxTimeout(e1000Priv(dev)),
};

/**
 * Larger frames need larger buffers: a device that is up is stopped and starts again with those.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_change_mtu()
 */
function e1000ChangeMtu(dev: NetDevice, mtu: number): number {
  const adapter = e1000Priv(dev);
  const up = !adapter.down;
  if (up) e1000Down(adapter);
  setBufferSize(adapter, mtu);
  e1000Reset(adapter);
  if (up) e1000Up(adapter);
  return 0;
}

/** netdev has checked the address. @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_set_mac() */
function e1000SetMac(dev: NetDevice, address: Uint8Array): number {
  const { hw } = e1000Priv(dev);
  hw.macAddr.set(address);
  e1000RarSet(hw, 0, address);
  return 0;
}

/**
 * Checksums of received packets, and tags in them, are switched in the chip; all else is up to the packets.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_set_features()
 */
function e1000SetFeatures(dev: NetDevice, features: number): number {
  const adapter = e1000Priv(dev);
  const changed = dev.features ^ features;
  if ((changed & (NETIF_F_RXCSUM | NETIF_F_HW_VLAN_CTAG_RX)) === 0) return 0;
  dev.features = features;
  adapter.rxCsum = (features & NETIF_F_RXCSUM) !== 0;
  if (adapter.down) e1000Reset(adapter);
  else e1000ReinitLocked(adapter);
  return 0;
}
