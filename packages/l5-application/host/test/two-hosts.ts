import { virtualClock, type VirtualClock } from '@stack/clock';
import type { CableOptions } from '@stack/cable';
import type { Plugin } from '@stack/plugin';
import { createLab, e1000, inet, type Host, type Lab } from '../src/index.ts';

export interface TwoHosts {
  readonly lab: Lab;
  readonly clock: VirtualClock;
  readonly server: Host;
  readonly client: Host;
  readonly cable: ReturnType<Lab['cable']>;
}

/** 10.0.0.1 and 10.0.0.2 on one cable, in virtual time, with memory that finds misuse. Close the lab at the end of the test. */
export function twoHosts(
  options: { cable?: CableOptions; seed?: number; plugins?: Plugin[]; checking?: boolean } = {},
): TwoHosts {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: options.seed ?? 7, checking: options.checking ?? true });
  const cable = lab.cable(options.cable);
  const use = [...inet(), ...(options.plugins ?? [])];
  const server = lab.host({ name: 'server', use, devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) } });
  const client = lab.host({ name: 'client', use, devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) } });
  return { lab, clock, cable, server, client };
}
