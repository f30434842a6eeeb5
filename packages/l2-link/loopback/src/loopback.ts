import {
  allocEtherdev,
  ARPHRD_LOOPBACK,
  ethTypeTrans,
  IFF_LOOPBACK,
  NET_RX_SUCCESS,
  NETDEV_TX_OK,
  NETIF_F_FRAGLIST,
  NETIF_F_HIGHDMA,
  NETIF_F_HW_CSUM,
  NETIF_F_LLTX,
  NETIF_F_LOOPBACK,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO_ECN,
  NETIF_F_GSO_ACCECN,
  netifRx,
  netifStartQueue,
  netifStopQueue,
  type NetDevice,
} from '@stack/netdev';
import { skbTxTimestamp, type SkBuff } from '@stack/skb';
import { trace, tracing } from '@stack/trace';

const MTU = 64 * 1024;

/** The device that gives back what is sent. @kernel drivers/net/loopback.c loopback_setup() */
export function createLoopback(): NetDevice {
  const dev = allocEtherdev('lo', {
    open: (dev) => {
      netifStartQueue(dev);
      return 0;
    },
    stop: (dev) => {
      netifStopQueue(dev);
      return 0;
    },
    startXmit: loopbackXmit,
  });
  dev.type = ARPHRD_LOOPBACK;
  dev.flags = IFF_LOOPBACK;
  dev.mtu = MTU;
  dev.minMtu = 0;
  dev.maxMtu = 2 ** 31 - 1;
  dev.txQueueLen = 0;
  dev.broadcast.fill(0);
  dev.hwFeatures = NETIF_F_TSO | NETIF_F_TSO_ECN | NETIF_F_GSO_ACCECN;
  dev.features =
    dev.hwFeatures |
    NETIF_F_SG |
    NETIF_F_FRAGLIST |
    NETIF_F_HW_CSUM |
    NETIF_F_RXCSUM |
    NETIF_F_HIGHDMA |
    NETIF_F_LLTX |
    NETIF_F_LOOPBACK;
  return dev;
}

/**
 * Receives what is sent, as it is: neither cut nor summed. The sender's budget has it back at once.
 *
 * @kernel drivers/net/loopback.c loopback_xmit()
 */
function loopbackXmit(skb: SkBuff, dev: NetDevice): number {
  if (tracing.on) trace('loopback_xmit', skb);
  const { len } = skb;
  skbTxTimestamp(skb);
  skb.tstamp = 0;
  skb.orphan();
  skb.protocol = ethTypeTrans(skb, dev);
  dev.stats.txPackets++;
  dev.stats.txBytes += len;
  if (netifRx(skb) === NET_RX_SUCCESS) {
    dev.stats.rxPackets++;
    dev.stats.rxBytes += len;
  }
  return NETDEV_TX_OK;
}
