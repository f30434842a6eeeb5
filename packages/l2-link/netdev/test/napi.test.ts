import { USEC } from '@stack/clock';
import { DropReason, eth, Skbs } from '@stack/skb';
import { NET_RX_SOFTIRQ, Smp } from '@stack/softirq';
import { machine, testHost, udpFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import {
  __napiSchedule,
  ethTypeTrans,
  napiCompleteDone,
  napiDisable,
  napiEnable,
  napiGroReceive,
  napiSchedule,
  napiSchedulePrep,
  NetCore,
  netdev,
  netifNapiAdd,
  netifNapiDel,
  PacketTypes,
  type NapiStruct,
} from '@stack/netdev';
import { FakeDevice, frameSkb } from './fake-device.ts';

/** Devices with packets to be polled; `cost` is the time each takes, ns. */
function setup(options: { cpus?: number } = {}) {
  const lab = machine(options);
  const host = testHost(lab, 'alice', [netdev()]);
  const pool = host.get(Skbs);
  const core = host.get(NetCore);
  const cpus = host.get(Smp);
  const log: string[] = [];
  const batches: number[] = [];
  host.get(PacketTypes).add({
    name: 'ip',
    type: eth.TYPE_IPV4,
    dev: null,
    func: () => 0,
    listFunc(list) {
      batches.push(list.length);
      for (let skb = list.shift(); skb !== null; skb = list.shift()) skb.consume();
    },
  });
  const poller = (waiting: number, cost = 0) => {
    const { dev } = new FakeDevice(host);
    const state = { dev, waiting, napi: null as unknown as NapiStruct, interruptsOn: true, polls: [] as number[] };
    state.napi = netifNapiAdd(dev, (napi, budget) => {
      let work = 0;
      for (; work < budget && state.waiting > 0; work++, state.waiting--) {
        const skb = frameSkb(pool, udpFrame({ sourcePort: 1, destinationPort: 2 }));
        skb.protocol = ethTypeTrans(skb, dev);
        napiGroReceive(napi, skb);
        if (cost > 0) lab.clock.runUntil(lab.clock.now() + cost);
      }
      state.polls.push(work);
      log.push(`${dev.name} ${work}`);
      if (work < budget && napiCompleteDone(napi, work)) state.interruptsOn = true;
      return work;
    });
    napiEnable(state.napi);
    return state;
  };
  /** The devices interrupt at once, on a CPU; runs until all is quiet. */
  const interrupt = (devices: readonly ReturnType<typeof poller>[], cpu = cpus.boot) => {
    cpu.runAsInterrupt({
      run() {
        for (const device of devices) {
          if (!napiSchedulePrep(device.napi)) continue;
          device.interruptsOn = false;
          __napiSchedule(device.napi);
        }
      },
    });
    lab.clock.drain();
  };
  return { lab, host, core, cpus, cpu: cpus.boot, log, batches, poller, interrupt };
}

test('interrupts come back on when the work is done', () => {
  const { poller, interrupt } = setup();
  const eth0 = poller(10);
  interrupt([eth0]);
  expect(eth0.polls).toEqual([10]);
  expect(eth0.interruptsOn).toBe(true);
  expect(eth0.napi).toMatchObject({ polls: 1, received: 10, scheduled: false });
});

test('a poll takes 64 at most; devices take turns', () => {
  const { poller, interrupt, log } = setup();
  const eth0 = poller(150);
  const eth1 = poller(70);
  interrupt([eth1, eth0]);
  expect(log).toEqual(['eth1 64', 'eth0 64', 'eth1 6', 'eth0 64', 'eth0 22']);
  expect(eth0.napi.received).toBe(150);
  expect(eth0.interruptsOn).toBe(true);
});

test('the budget of a round is 300; what is over it waits for the next, and is counted', () => {
  const { poller, interrupt, core, cpu } = setup();
  const devices = Array.from({ length: 6 }, () => poller(64));
  interrupt(devices);
  expect(core.softnets[0].timeSqueeze).toBe(1);
  expect(core.softnets[0].processed).toBe(6 * 64);
  expect(cpu.served[NET_RX_SOFTIRQ]).toBe(3); // five devices, the sixth, and all once more to find nothing
});

test('two milliseconds end a round', () => {
  const { poller, interrupt, core, log } = setup();
  const slow = poller(128, 40 * USEC);
  const other = poller(1);
  interrupt([slow, other]);
  expect(log[0]).toBe('eth0 64');
  expect(core.softnets[0].timeSqueeze).toBeGreaterThanOrEqual(1);
  expect(other.polls).toEqual([1]);
  expect(slow.napi.received).toBe(128);
});

test('only the first one schedules; an interrupt that was missed brings one more poll', () => {
  const { poller, interrupt } = setup();
  const eth0 = poller(3);
  interrupt([eth0, eth0]);
  expect(eth0.polls).toEqual([3, 0]);
});

test('packets go up in batches of eight', () => {
  const { poller, interrupt, batches } = setup();
  interrupt([poller(20)]);
  expect(batches).toEqual([8, 8, 4]);
});

test('a disabled poller is not called, although scheduled, and works again when enabled', () => {
  const { lab, poller, interrupt } = setup();
  const eth0 = poller(3);
  napiSchedule(eth0.napi);
  napiDisable(eth0.napi);
  expect(napiSchedulePrep(eth0.napi)).toBe(false);
  lab.clock.drain();
  expect(eth0.polls).toEqual([]);
  napiEnable(eth0.napi);
  interrupt([eth0]);
  expect(eth0.polls).toEqual([3]);
});

test('what a poller holds when it is removed is dropped', () => {
  const { poller, lab, host } = setup();
  const eth0 = poller(0);
  const skb = frameSkb(host.get(Skbs), udpFrame({ sourcePort: 1, destinationPort: 2 }));
  skb.protocol = ethTypeTrans(skb, eth0.dev);
  napiGroReceive(eth0.napi, skb);
  netifNapiDel(eth0.napi);
  lab.clock.drain();
  expect(eth0.dev.napis).toEqual([]);
  expect(host.get(Skbs).drops[DropReason.DEV_READY]).toBe(1);
});

test('a poller that is steered is polled on its own CPU', () => {
  const { poller, interrupt, cpus, core } = setup({ cpus: 2 });
  const eth0 = poller(5);
  eth0.napi.cpu = cpus.all[1];
  interrupt([eth0], cpus.all[1]);
  expect(eth0.polls).toEqual([5]);
  expect(core.softnets.map(({ processed }) => processed)).toEqual([0, 5]);
  expect(core.softnet).toBe(core.softnets[0]);
});
