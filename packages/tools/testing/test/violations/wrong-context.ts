/** What may not be done while a packet waits, for plugins that do it: at their first packets, for some are shown many. */
import { virtualClock } from '@stack/clock';
import { createLab, inet } from '@stack/host';
import { NetfilterHooks, NF_ACCEPT } from '@stack/netfilter';
import { allocEtherdev, NetCore, NETDEV_TX_OK, PacketTypes, registerNetdevice } from '@stack/netdev';
import type { Services } from '@stack/plugin';
import { skbClone, type SkBuff } from '@stack/skb';

export type Deed = (skb: SkBuff | null, services: Services) => void;

const TIMES = 5;

function atFirst<A extends unknown[]>(deed: (...args: A) => void, times = TIMES): (...args: A) => void {
  let left = times;
  return (...args) => {
    if (left-- > 0) deed(...args);
  };
}

/** Makes a packet, and lets go of it. */
export const making = (): ((skb: SkBuff) => void) => atFirst((skb: SkBuff) => skbClone(skb)!.consume());

const socket = createLab({ clock: virtualClock(), seed: 1 })
  .host({ name: 'oracle', use: inet() })
  .dgram.createSocket('udp4');

/** Calls a socket: somebody who knows is asked. */
export function ask(): void {
  socket.send('may it pass?', 7, '127.0.0.1');
}

/** Registers something. */
export const registering = (times = TIMES): Deed =>
  atFirst((_skb, services) => {
    const hooks = services.find(NetfilterHooks);
    if (hooks !== undefined) hooks.register({ name: 'another', hook: 1, priority: 0, fn: () => NF_ACCEPT });
    else services.get(PacketTypes).add({ name: 'another', type: 0x9999, dev: null, func: (skb) => (skb.consume(), 0) });
  }, times);

/** Brings a device to the host. */
export const plugging = (): Deed =>
  atFirst((_skb, services) => {
    const ops = { open: () => 0, stop: () => 0, startXmit: () => NETDEV_TX_OK };
    registerNetdevice(services.get(NetCore), allocEtherdev('another%d', ops));
  });
