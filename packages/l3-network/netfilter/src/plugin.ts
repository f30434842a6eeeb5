import { Faults, type Plugin } from '@stack/plugin';
import { Smp } from '@stack/softirq';
import { Netfilter, NetfilterHooks } from './netfilter.ts';

/** Gives a host the five hook points. Without hooks a packet pays one load at each. */
export function netfilter(): Plugin {
  return {
    name: 'netfilter',
    provide: (provider) =>
      provider.bind(NetfilterHooks, (services) => new Netfilter(services.get(Smp), services.get(Faults))),
    attach: (services) => {
      const nf = services.get(NetfilterHooks);
      return () => nf.close();
    },
  };
}
