/** Policies, egress programs and socket filters that break their contract, one way each; run by violations.test.ts. */
import { EgressPrograms, Policies } from '@stack/ipv4';
import type { Services } from '@stack/plugin';
import { ip, type SkBuff } from '@stack/skb';
import type { SocketFilter } from '@stack/sock';
import { egressContract, policyContract, socketFilterContract } from '@stack/testing';
import { ask, making, plugging, registering } from './wrong-context.ts';

type Allows = (skb: SkBuff, services: Services, direction: number) => boolean;

const policy = (name: string, allows: Allows, undo = true): void =>
  policyContract(name, () => ({
    name,
    attach(services) {
      const off = services.get(Policies).add({ name, allows: (skb, direction) => allows(skb, services, direction) });
      return undo ? off : () => {};
    },
  }));

const program = (name: string, fn: (skb: SkBuff, services: Services) => number, undo = true): void =>
  egressContract(name, () => ({
    name,
    attach(services) {
      const off = services.get(EgressPrograms).add((skb) => fn(skb, services));
      return undo ? off : () => {};
    },
  }));

const filter = (name: string, fn: SocketFilter): void => socketFilterContract(name, () => fn);

/** Answers, but does something else first. */
const after =
  <T>(deed: (skb: SkBuff, services: Services) => void, answer: T) =>
  (skb: SkBuff, services: Services): T => (deed(skb, services), answer);

const refuseIcmp = (skb: SkBuff): void => {
  if (ip.protocol(skb) === 1) throw new Error('I do not know ICMP');
};
const port = (skb: SkBuff): number => skb.arena.view.getUint16(skb.networkHeader + ip.headerLength(skb) + 2);
let notes: object = {};

policy('all right', () => true);
policy('without undo', () => true, false);
policy('vague', () => undefined as never);
policy('throwing', (skb) => (refuseIcmp(skb), true));
policy('freeing', (skb) => (skb.consume(), true));
policy('scribbling', (skb) => (ip.setTtl(skb, 1), true));
policy('busy', after(making(), true));
policy('registering', after(registering(), true));
policy('asking', after(ask, true));
policy('plugging', after(plugging(), true));
policy('hasty', (skb) => port(skb) !== 80);
policy('wasteful', (skb) => ((notes = { from: [ip.saddr(skb)] }), notes !== null));

program('all right', () => 0);
program('without undo', () => 0, false);
program('vague', () => 7);
program('throwing', (skb) => (refuseIcmp(skb), 0));
program('keeping', (skb) => (skb.get(), 0));
program('freeing', (skb) => (skb.consume(), 0));
program('freeing twice', (skb) => (skb.consume(), skb.consume(), 0));
program('marking', (skb) => ((skb.mark = 7), 0));
program('sending', after(making(), 0));
program('registering', after(registering(), 0));
program('asking', after(ask, 0));
program('hasty', (skb) => (port(skb) === 80 ? -1 : 0));
program('scribbling', (skb) => (ip.setTos(skb, 3), 0));
program('moving', (skb) => (skb.pull(20), 0));
program('wasteful', (skb) => ((notes = { from: [ip.saddr(skb)] }), 0));

filter('all right', (skb) => skb.len);
filter('vague', (skb) => (skb.len > 0) as never);
filter('freeing', (skb) => (skb.consume(), 0));
filter('keeping', (skb) => (skb.get(), 8));
filter('scribbling', (skb) => (ip.setTtl(skb, 1), 8));
filter('rerouting', (skb) => ((skb.dev = null), (skb.priority = 7), 8));
const make = making();
filter('sending', (skb) => (make(skb), 8));
filter('asking', () => (ask(), 8));
filter('hasty', (skb) => (skb.headlen > 8 ? 8 : 0));
filter('trimming', (skb) => (skb.trim(8), 8));
filter('throwing', (skb) => {
  if (skb.len > 8) throw new Error('too long for me');
  return 8;
});
filter('wasteful', (skb) => ((notes = { from: [ip.saddr(skb)] }), 8));
