import type { Kind } from './kind.ts';

export const driver: Kind = {
  kind: 'driver',
  title: 'a network device: another wire for the stack',
  needs: ['clock', 'host', 'netdev', 'skb'],
  testNeeds: [],
  source: `import { Clock, Random } from '@stack/clock';
/*type*/import type { Device, DeviceSettings } from '@stack/host';
import {
  allocEtherdev,
  ethMacAddr,
  ethTypeTrans,
  NetCore,
  NETDEV_TX_OK,
  netifRx,
  netifStartQueue,
  netifStopQueue,
  randomEthAddress,
  registerNetdevice,
} from '@stack/netdev';
/*type*/import type { NetDevice } from '@stack/netdev';
import { skbCopyToBytes, skbTxTimestamp } from '@stack/skb';

/*type*/export interface PASCALOptions extends DeviceSettings {
/*type*/  /** Where frames go. */
/*type*/  send: (frame: Uint8Array) => void;
/*type*/  /** Is given a function that takes frames in; it may be called at any time. */
/*type*/  receiver: (receive: (frame: Uint8Array) => void) => void;
/*type*/}
/*type*/
/** Room in front of a received frame: for a VLAN tag, and so that the IP header is aligned. */
const HEADROOM = 66;

/** A device whose wire is two functions. */
export function CAMEL({ send, receiver, ...settings }/*: PASCALOptions */)/*: Device */ {
  return {
    ...settings,
    plugIn({ name, services }) {
      const clock = services.get(Clock);
      const dev = allocEtherdev(name, {
        open: (opened) => {
          netifStartQueue(opened);
          return 0;
        },
        stop: (stopped) => {
          netifStopQueue(stopped);
          return 0;
        },
        startXmit(skb) {
          const frame = new Uint8Array(skb.len);
          skbCopyToBytes(skb, 0, frame, 0, skb.len);
          skbTxTimestamp(skb);
          skb.consume();
          dev.stats.txPackets++;
          dev.stats.txBytes += frame.length;
          send(frame);
          return NETDEV_TX_OK;
        },
        setMacAddress: ethMacAddr,
      });
      dev.devAddr.set(randomEthAddress(services.get(Random)));
      registerNetdevice(services.get(NetCore), dev);
      receiver((frame) => {
        const copy = frame.slice();
        clock.post({ run: () => receive(dev, copy) });
      });
      return dev;
    },
  };
}

function receive(dev/*: NetDevice */, frame/*: Uint8Array */)/*: void */ {
  if (!dev.isUp) return;
  const skb = dev.core.pool.alloc(HEADROOM + frame.length);
  if (skb === null) {
    dev.stats.rxDropped++;
    return;
  }
  skb.reserve(HEADROOM);
  skb.putData(frame);
  skb.protocol = ethTypeTrans(skb, dev);
  dev.stats.rxPackets++;
  dev.stats.rxBytes += frame.length;
  netifRx(skb);
}
`,
  test: `import { driverContract } from '@stack/testing';
import { CAMEL } from '../src/index.EXT';

driverContract('NAME', () => {
  const sent/*: Uint8Array[] */ = [];
  let receive/*: (frame: Uint8Array) => void */ = () => {};
  return {
    sent,
    deliver: (frame) => receive(frame),
    plugIn: CAMEL({ send: (frame) => void sent.push(frame), receiver: (given) => void (receive = given) }).plugIn,
  };
});
`,
  example: `const eth0 = CAMEL({ address: '10.0.0.1/24', send: (frame) => wire.write(frame), receiver: (take) => wire.on('data', take) });`,
};
