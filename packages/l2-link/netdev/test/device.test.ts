import { SEC, seededRandom } from '@stack/clock';
import { EADDRNOTAVAIL, EBUSY, EINVAL, EIO, EOPNOTSUPP } from '@stack/plugin';
import { DropReason, Skbs, type SkBuff } from '@stack/skb';
import { machine, testHost, udpFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import {
  allocEtherdev,
  devChangeMtu,
  devClose,
  devGetByIndex,
  devGetByName,
  devMcAdd,
  devMcDel,
  devOpen,
  devQueueXmit,
  devSetFeatures,
  devSetMacAddress,
  devSetPromiscuity,
  ethMacAddr,
  formatEthAddress,
  IFF_PROMISC,
  IFF_UP,
  isValidEtherAddr,
  NetCore,
  netdev,
  NETDEV_CHANGE,
  NETDEV_CHANGEADDR,
  NETDEV_CHANGEMTU,
  NETDEV_DOWN,
  NETDEV_FEAT_CHANGE,
  NETDEV_GOING_DOWN,
  NETDEV_REGISTER,
  NETDEV_UNREGISTER,
  NETDEV_UP,
  NETIF_F_GRO,
  NETIF_F_GSO,
  NETIF_F_HW_CSUM,
  NETIF_F_IP_CSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  netifCarrierOff,
  netifCarrierOn,
  netifStopQueue,
  netifWakeQueue,
  Offloads,
  parseEthAddress,
  QdiscKinds,
  randomEthAddress,
  registerNetdevice,
  registerNetdeviceNotifier,
  replaceQdisc,
  unregisterNetdevice,
  type NetDeviceOps,
} from '@stack/netdev';
import { FakeDevice, frameSkb } from './fake-device.ts';

function setup() {
  const lab = machine({ timers: true });
  const host = testHost(lab, 'alice', [netdev()]);
  const core = host.get(NetCore);
  const events: [number, string][] = [];
  const undo = registerNetdeviceNotifier(core, (event, dev) => void events.push([event, dev.name]));
  const device = (ops: Partial<NetDeviceOps> = {}) => new FakeDevice(host, { ops });
  return { lab, host, core, events, undo, device };
}

test('patterns become the first free name, and a taken name is refused', () => {
  const { core, device } = setup();
  const first = device();
  device();
  expect([...core.devices.keys()]).toEqual(['eth0', 'eth1']);
  unregisterNetdevice(first.dev);
  expect(device().dev).toMatchObject({ name: 'eth0', ifindex: 3 });
  const { ops } = first.dev;
  expect(() => registerNetdevice(core, allocEtherdev('eth1', ops))).toThrow(
    expect.objectContaining({ code: 'ERR_STACK_DEVICE_TAKEN' }),
  );
  expect(devGetByName(core, 'eth1')).toBe(devGetByIndex(core, 2));
  expect(devGetByIndex(core, 1)).toBeNull();
});

test('notifiers are told of a life', () => {
  const { events, device } = setup();
  const { dev } = device({ setMacAddress: () => 0 });
  devChangeMtu(dev, 1_400);
  devSetMacAddress(dev, parseEthAddress('02:00:00:00:00:09'));
  netifCarrierOff(dev);
  netifCarrierOff(dev);
  netifCarrierOn(dev);
  devClose(dev);
  unregisterNetdevice(dev);
  unregisterNetdevice(dev);
  expect(events.map(([event]) => event)).toEqual([
    ...[NETDEV_REGISTER, NETDEV_UP, NETDEV_CHANGEMTU, NETDEV_CHANGEADDR, NETDEV_CHANGE, NETDEV_CHANGE],
    ...[NETDEV_GOING_DOWN, NETDEV_DOWN, NETDEV_UNREGISTER],
  ]);
});

test('a late notifier is told of what is there, and none after its undo', () => {
  const { core, device, undo, events } = setup();
  const { dev } = device();
  const late: number[] = [];
  registerNetdeviceNotifier(core, (event) => void late.push(event));
  expect(late).toEqual([NETDEV_REGISTER, NETDEV_UP]);
  undo();
  const before = events.length;
  devClose(dev);
  expect(events).toHaveLength(before);
  expect(late.at(-1)).toBe(NETDEV_DOWN);
});

test('a device that does not open stays down', () => {
  const { device } = setup();
  const { dev } = device({ open: () => -EIO });
  expect(devOpen(dev)).toBe(-EIO);
  expect(dev.flags & IFF_UP).toBe(0);
});

test('the MTU has limits, and the driver a say', () => {
  const { device } = setup();
  const asked: number[] = [];
  const { dev } = device({ changeMtu: (_, mtu) => (asked.push(mtu), mtu === 1_000 ? -EINVAL : 0) });
  expect([devChangeMtu(dev, 67), devChangeMtu(dev, 1_501), devChangeMtu(dev, 1_000)]).toEqual([
    -EINVAL,
    -EINVAL,
    -EINVAL,
  ]);
  expect(dev.mtu).toBe(1_500);
  expect(devChangeMtu(dev, 68)).toBe(0);
  expect(dev.mtu).toBe(68);
  expect(asked).toEqual([1_000, 68]);
});

test('an address must be one of a station, and the device idle', () => {
  const { device } = setup();
  const fixed = device();
  expect(devSetMacAddress(fixed.dev, parseEthAddress('02:00:00:00:00:09'))).toBe(-EOPNOTSUPP);
  const { dev } = device({ setMacAddress: ethMacAddr });
  expect(devSetMacAddress(dev, parseEthAddress('01:00:5e:00:00:01'))).toBe(-EADDRNOTAVAIL);
  expect(devSetMacAddress(dev, parseEthAddress('02:00:00:00:00:09'))).toBe(-EBUSY);
  devClose(dev);
  expect(devSetMacAddress(dev, parseEthAddress('02:00:00:00:00:09'))).toBe(0);
  expect(formatEthAddress(dev.devAddr)).toBe('02:00:00:00:00:09');
});

test('the driver is told which frames to let pass', () => {
  const { device } = setup();
  let told = 0;
  const { dev } = device({ setRxMode: () => void told++ });
  devSetPromiscuity(dev, 1);
  devSetPromiscuity(dev, 1);
  devSetPromiscuity(dev, -1);
  expect(dev.flags & IFF_PROMISC).not.toBe(0);
  devSetPromiscuity(dev, -1);
  expect(dev.flags & IFF_PROMISC).toBe(0);
  devMcAdd(dev, parseEthAddress('01:00:5e:00:00:fb'));
  expect([...dev.multicast]).toEqual(['01005e0000fb']);
  devMcDel(dev, parseEthAddress('01:00:5e:00:00:fb'));
  expect(dev.multicast.size).toBe(0);
  expect(told).toBe(1 + 2 + 2);
});

test('features that need others go with them', () => {
  const { device, events } = setup();
  const { dev } = device();
  expect(dev.features).toBe(NETIF_F_GRO);
  dev.hwFeatures |= NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_IP_CSUM | NETIF_F_TSO;
  devSetFeatures(dev, NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_IP_CSUM | NETIF_F_TSO | NETIF_F_GSO);
  expect(dev.features).toBe(NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_GSO);
  devSetFeatures(dev, NETIF_F_SG | NETIF_F_TSO | NETIF_F_GSO);
  expect(dev.features).toBe(NETIF_F_SG | NETIF_F_GSO);
  devSetFeatures(dev, NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_GSO);
  expect(dev.features).toBe(NETIF_F_HW_CSUM);
  expect(events.filter(([event]) => event === NETDEV_FEAT_CHANGE)).toHaveLength(3);
});

test('a queue that stays full is reported, again and again, until it wakes', () => {
  const { lab, device } = setup();
  const hangs: number[] = [];
  const { dev } = device({ txTimeout: () => void hangs.push(lab.clock.now()) });
  netifStopQueue(dev);
  lab.clock.runFor(3 * SEC);
  netifWakeQueue(dev);
  netifStopQueue(dev);
  lab.clock.runFor(30 * SEC);
  expect(hangs.length).toBeGreaterThanOrEqual(3);
  expect(hangs[0]).toBeGreaterThanOrEqual(8 * SEC);
  expect(dev.queues[0].transTimeout).toBe(hangs.length);
  netifWakeQueue(dev);
  const before = hangs.length;
  lab.clock.runFor(30 * SEC);
  expect(hangs).toHaveLength(before);
});

test('without carrier packets are refused; with it they flow again', () => {
  const { host, device } = setup();
  const fake = device();
  const send = () => {
    const skb = frameSkb(host.get(Skbs), udpFrame({ sourcePort: 1, destinationPort: 2 }));
    skb.dev = fake.dev;
    devQueueXmit(skb);
  };
  netifCarrierOff(fake.dev);
  expect(fake.dev.running).toBe(false);
  send();
  expect(fake.sent).toHaveLength(0);
  netifCarrierOn(fake.dev);
  send();
  expect(fake.sent).toHaveLength(1);
  fake.complete();
});

test('unregistering frees what the driver, the queue and the stack hold', () => {
  const { host, core, device } = setup();
  const fake = device();
  const pool = host.get(Skbs);
  const skb: SkBuff = frameSkb(pool, udpFrame({ sourcePort: 1, destinationPort: 2 }));
  skb.dev = fake.dev;
  devQueueXmit(skb);
  expect(pool.live).toBe(1);
  unregisterNetdevice(fake.dev);
  expect(pool.live).toBe(0);
  expect(core.devices.size).toBe(0);
  expect(fake.dev.queues[0]).toMatchObject({ qdisc: null, qdiscSleeping: null, stopped: true });
});

test('kinds of disciplines and offloads have one owner each', () => {
  const { host, device } = setup();
  const kinds = host.get(QdiscKinds);
  expect(kinds.names).toEqual(['noqueue']);
  expect(() => kinds.add({ kind: 'noqueue', create: () => null as never })).toThrow(
    expect.objectContaining({ code: 'ERR_STACK_QDISC_TAKEN' }),
  );
  const { dev } = device();
  const before = dev.queues[0].qdisc;
  expect(() => replaceQdisc(dev, 'htb')).toThrow(expect.objectContaining({ code: 'ERR_STACK_QDISC_UNKNOWN' }));
  expect(dev.queues[0].qdisc).toBe(before);
  const offloads = host.get(Offloads);
  const taken = expect.objectContaining({ code: 'ERR_STACK_OFFLOAD_TAKEN' });
  expect(() => offloads.addPacket({ type: 0x0800 })).toThrow(taken);
  expect(() => offloads.addInet({ protocol: 6 })).toThrow(taken);
  const undo = offloads.addInet({ protocol: 17 });
  undo();
  offloads.addInet({ protocol: 17 })();
  offloads.addPacket({ type: 0x86dd })();
  expect(host.get(Skbs).drops[DropReason.NOT_SPECIFIED]).toBe(0);
});

test('addresses are read and written', () => {
  expect(formatEthAddress(parseEthAddress('2:0:5E:10:0:1'))).toBe('02:00:5e:10:00:01');
  expect(() => parseEthAddress('02:00:5e:10:00')).toThrow(expect.objectContaining({ code: 'ERR_STACK_ETH_ADDRESS' }));
  const random = randomEthAddress(seededRandom(3));
  expect(isValidEtherAddr(random)).toBe(true);
  expect(random[0] & 3).toBe(2);
  expect(isValidEtherAddr(new Uint8Array(6))).toBe(false);
});
