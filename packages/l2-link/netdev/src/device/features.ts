import {
  NETIF_F_CSUM_MASK,
  NETIF_F_GSO,
  NETIF_F_GSO_MASK,
  NETIF_F_HW_CSUM,
  NETIF_F_IP_CSUM,
  NETIF_F_SG,
  NETIF_F_SOFT_FEATURES,
} from '../constants.ts';
import { callNetdeviceNotifiers, NETDEV_FEAT_CHANGE } from './notifiers.ts';
import type { NetDevice } from './net-device.ts';

/** Takes away what makes no sense without something else. @kernel net/core/dev.c netdev_fix_features() */
export function netdevFixFeatures(features: number): number {
  let fixed = features;
  if ((fixed & NETIF_F_HW_CSUM) !== 0) fixed &= ~NETIF_F_IP_CSUM;
  if ((fixed & NETIF_F_SG) === 0) fixed &= ~(NETIF_F_GSO_MASK | NETIF_F_GSO);
  if ((fixed & NETIF_F_CSUM_MASK) === 0) fixed &= ~NETIF_F_GSO_MASK;
  return fixed;
}

/**
 * Switches features that the device allows to be switched, as `ethtool -K` does. Returns 0, or the driver's negative
 * errno.
 *
 * @kernel net/core/dev.c __netdev_update_features()
 */
export function devSetFeatures(dev: NetDevice, wanted: number): number {
  const switchable = dev.hwFeatures | NETIF_F_SOFT_FEATURES;
  const features = netdevFixFeatures((dev.features & ~switchable) | (wanted & switchable));
  if (features === dev.features) return 0;
  const error = dev.ops.setFeatures?.(dev, features) ?? 0;
  if (error < 0) return error;
  dev.features = features;
  callNetdeviceNotifiers(NETDEV_FEAT_CHANGE, dev);
  return 0;
}
