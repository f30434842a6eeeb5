import { createCable } from '@stack/cable';
import { dmaMemory } from '@stack/pci';
import { machine } from '@stack/testing';
import { expect, test } from 'vitest';
import { TinyDriver } from './nic-driver.ts';
import { RCTL_SECRC, RCTL_UPE } from '../src/bits.ts';

const frame = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7);

test('a frame goes from one chip to the other', () => {
  const { clock, random, arena } = machine();
  const cable = createCable({ clock, random, arena });
  const memory = (): ReturnType<typeof dmaMemory> => dmaMemory(new Uint8Array(1 << 20));
  const a = new TinyDriver(clock, cable.a, memory());
  const b = new TinyDriver(clock, cable.b, memory());
  a.startTransmit();
  b.startReceive(64, 63, RCTL_UPE | RCTL_SECRC);
  clock.drain();
  a.sendLegacy(frame(1000));
  clock.drain();
  expect(b.receive()?.bytes).toEqual(frame(1000));
  a.unplug();
  b.unplug();
});
