import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';
import { captureCable, PcapWriter, readCapture } from '@stack/pcap';
import { neighbourContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { announce, ETH_P_ANNOUNCE } from '../src/index.ts';

const payloads = [Uint8Array.of(10, 0, 0, 1)];
neighbourContract('announce', () => announce(1), { ethertype: ETH_P_ANNOUNCE, within: '2s', payloads });

/** Ethertypes on the wire while the client pings the server, after both had time to announce themselves. */
async function typesOnWire(plugins: boolean): Promise<Set<number>> {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable();
  const use = plugins ? [...inet(), announce(1)] : inet();
  lab.host({ name: 'server', use, devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) } });
  const client = lab.host({ name: 'client', use, devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) } });
  clock.runFor(3e9);
  const types = new Set<number>();
  const writer = new PcapWriter();
  const stop = captureCable(cable, writer);
  await clock.settle(client.ping('10.0.0.1'));
  stop();
  for (const { bytes } of readCapture(writer.bytes()).packets) types.add((bytes[12]! << 8) | bytes[13]!);
  lab.close();
  return types;
}

test('nobody asks for whom everybody knows', async () => {
  expect(await typesOnWire(false)).toContain(0x0806);
  const types = await typesOnWire(true);
  expect(types).toContain(0x0800);
  expect(types).not.toContain(0x0806);
});
