/** What may not be done while a packet waits, for plugins that do it: each at its first packets, for some see many. */
import { virtualClock } from '@stack/clock';
import { createLab, inet, type Host } from '@stack/host';
import { NetfilterHooks, NF_ACCEPT } from '@stack/netfilter';
import { allocEtherdev, NetCore, NETDEV_TX_OK, registerNetdevice } from '@stack/netdev';
import type { Services } from '@stack/plugin';
import { skbClone, type SkBuff } from '@stack/skb';

const TIMES = 5;

function atFirst<A extends unknown[]>(act: (...args: A) => void): (...args: A) => void {
  let left = TIMES;
  return (...args) => {
    if (left-- > 0) act(...args);
  };
}

/** Makes a packet, and lets go of it. */
export const making = (): ((skb: SkBuff) => void) => atFirst((skb) => skbClone(skb)!.consume());

let host: Host | null = null;

/** Calls a socket, as if somebody who knows had to be asked. */
export const asking = (): (() => void) =>
  atFirst(() => {
    host ??= createLab({ clock: virtualClock(), seed: 1 }).host({ name: 'oracle', use: inet() });
    host.dgram.createSocket('udp4').send('may it pass?', 7, '127.0.0.1');
  });

/** Registers another hook. */
export const registering = (): ((skb: SkBuff, services: Services) => void) =>
  atFirst((_skb, services) => {
    services.get(NetfilterHooks).register({ name: 'another', hook: 1, priority: 0, fn: () => NF_ACCEPT });
  });

/** Brings a device to the host. */
export const plugging = (): ((skb: SkBuff, services: Services) => void) =>
  atFirst((_skb, services) => {
    const ops = { open: () => 0, stop: () => 0, startXmit: () => NETDEV_TX_OK };
    registerNetdevice(services.get(NetCore), allocEtherdev('another%d', ops));
  });
