/** Drivers that break their contract, one way each; run by violations.test.ts. */
import {
  allocEtherdev,
  ethTypeTrans,
  NetCore,
  netifReceiveSkb,
  netifRx,
  netifStartQueue,
  NETDEV_TX_OK,
  registerNetdevice,
  type NetDevice,
} from '@stack/netdev';
import { skbCopyToBytes, skbTxTimestamp, type SkBuff } from '@stack/skb';
import { driverContract, type DriverWire } from '@stack/testing';

interface Faulty {
  free?: boolean;
  address?: boolean;
  count?: boolean;
  softirq?: boolean;
  copy?: boolean;
  order?: boolean;
  linear?: boolean;
  stamp?: boolean;
}

/** A driver that does all right, but for what it is told. */
function wire(wrong: Faulty): DriverWire {
  const sent: Uint8Array[] = [];
  let dev: NetDevice;
  const later: Uint8Array[] = [];
  const startXmit = (skb: SkBuff): number => {
    const bytes = new Uint8Array(skb.len);
    skbCopyToBytes(skb, 0, bytes, 0, wrong.linear ? skb.headlen : skb.len);
    if (wrong.order && sent.length === 5) sent.unshift(bytes);
    else sent.push(bytes);
    if (!wrong.count) {
      dev.stats.txPackets++;
      dev.stats.txBytes += skb.len;
    }
    if (!wrong.stamp) skbTxTimestamp(skb);
    if (!wrong.free) skb.consume();
    return NETDEV_TX_OK;
  };
  return {
    sent,
    plugIn({ name, services }) {
      dev = allocEtherdev(name, { open: (opened) => (netifStartQueue(opened), 0), stop: () => 0, startXmit });
      if (wrong.linear) dev.features |= 1; // NETIF_F_SG
      if (!wrong.address) dev.devAddr[0] = 2;
      registerNetdevice(services.get(NetCore), dev);
      return dev;
    },
    deliver(frame) {
      if (!dev.isUp) return;
      const take = (bytes: Uint8Array): void => {
        const skb = dev.core.pool.alloc(64 + bytes.length)!;
        skb.reserve(64);
        skb.putData(bytes);
        skb.protocol = ethTypeTrans(skb, dev);
        dev.stats.rxPackets++;
        dev.stats.rxBytes += bytes.length;
        if (wrong.softirq) netifReceiveSkb(skb);
        else netifRx(skb);
      };
      if (!wrong.copy) return take(frame);
      later.push(frame);
      dev.core.clock.post({ run: () => take(later.shift()!) });
    },
  };
}

driverContract('leaking', () => wire({ free: true }), { burst: 20 });
driverContract('without address', () => wire({ address: true }), { burst: 20 });
driverContract('not counting', () => wire({ count: true }), { burst: 20 });
driverContract('in the wrong context', () => wire({ softirq: true }), { burst: 20 });
driverContract('keeping what it was lent', () => wire({ copy: true }), { burst: 20 });
driverContract('silent about time', () => wire({ stamp: true }), { burst: 20 });
driverContract('out of order', () => wire({ order: true }), { burst: 20 });
driverContract('forgetting fragments', () => wire({ linear: true }), { burst: 20 });
driverContract('all right', () => wire({}), { burst: 20 });
