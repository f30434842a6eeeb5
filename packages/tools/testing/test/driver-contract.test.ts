import { createCable, Frame } from '@stack/cable';
import { e1000 } from '@stack/host';
import { e1000Driver } from '@stack/e1000';
import { pciBus } from '@stack/pci';
import { driverContract, type DriverWire, type Machine } from '@stack/testing';

/** The card of the labs, at one end of a cable; the test has the other end. */
function cardWire({ clock, random, arena }: Machine): DriverWire {
  const cable = createCable({ clock, random, arena, name: 'cable' });
  const sent: Uint8Array[] = [];
  cable.b.plug({
    receive(frame) {
      const bytes = new Uint8Array(frame.length);
      frame.copyTo(bytes, 0);
      sent.push(bytes);
    },
    linkChanged() {},
  });
  return {
    plugIn: (slot) => e1000({ port: cable.a, mac: '02:00:00:00:00:01' }).plugIn(slot),
    deliver(bytes) {
      const frame = new Frame(bytes);
      frame.add(0, bytes.length);
      cable.b.send(frame);
    },
    sent,
    close: () => cable.unplug(),
  };
}

driverContract('e1000', cardWire, { needs: () => [pciBus(), e1000Driver()] });
