import { devOpen, NetCore, registerNetdevice, unregisterNetdevice } from '@stack/netdev';
import type { Plugin } from '@stack/plugin';
import { createLoopback } from './loopback.ts';

/** Gives a host its device `lo`, already up. Needs netdev(). */
export function loopback(): Plugin {
  return {
    name: 'loopback',
    attach(services) {
      const lo = createLoopback();
      registerNetdevice(services.get(NetCore), lo);
      devOpen(lo);
      return () => unregisterNetdevice(lo);
    },
  };
}
