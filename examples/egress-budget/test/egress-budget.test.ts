import { virtualClock } from '@stack/clock';
import { createLab, e1000, inet } from '@stack/host';
import { DropReason, Skbs } from '@stack/skb';
import { egressContract } from '@stack/testing';
import { expect, test } from 'vitest';
import { egressBudget } from '../src/index.ts';

egressContract('egress-budget', () => egressBudget(1000));

test('what goes beyond the budget is dropped, and the next second has one of its own', async () => {
  const clock = virtualClock();
  const lab = createLab({ clock, seed: 7, checking: true });
  const cable = lab.cable();
  const use = [...inet(), egressBudget(1000)];
  lab.host({ name: 'server', use: inet(), devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) } });
  const client = lab.host({ name: 'client', use, devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) } });
  const ping = () => clock.settle(client.ping('10.0.0.1', { size: 400, timeout: '10ms' }));
  await ping();
  await ping();
  await expect(ping()).rejects.toMatchObject({ code: 'EPERM' });
  expect(client.get(Skbs).drops[DropReason.BPF_CGROUP_EGRESS]).toBe(1);
  clock.runFor(1e9);
  await ping();
  lab.close();
});
