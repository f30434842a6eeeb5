/** Handlers of NF_QUEUE that break their contract, one way each; run by violations.test.ts. */
import { NF_ACCEPT, NF_STOLEN, NetfilterHooks, type QueueHandler, type UserHandler } from '@stack/netfilter';
import { ip } from '@stack/skb';
import { queueContract } from '@stack/testing';
import { ask, registering } from './wrong-context.ts';

const QUEUE = 5;

const raw = (name: string, handler: QueueHandler, undo = true): void =>
  queueContract(
    name,
    () => ({
      name,
      attach(services) {
        const off = services.get(NetfilterHooks).queueHandler(QUEUE, handler);
        return undo ? off : () => {};
      },
    }),
    { queue: QUEUE },
  );

const user = (name: string, handler: UserHandler): void =>
  queueContract(
    name,
    () => ({
      name,
      attach(services) {
        const queue = services.get(NetfilterHooks).userQueue(QUEUE, handler);
        return () => queue.close();
      },
    }),
    { queue: QUEUE },
  );

raw('all right', (_skb, _state, reinject) => reinject(NF_ACCEPT));
user('all right and slow', () => Promise.resolve(NF_ACCEPT));
raw('without undo', (_skb, _state, reinject) => reinject(NF_ACCEPT), false);
raw('forgetful', (skb, _state, reinject) => {
  if (skb.len > 40) reinject(NF_ACCEPT);
});
raw('throwing', (skb, _state, reinject) => {
  if (ip.protocol(skb) === 1) throw new Error('I do not know ICMP');
  reinject(NF_ACCEPT);
});
raw('scribbling', (skb, _state, reinject) => {
  ip.setTtl(skb, 1);
  ip.sendCheck(skb);
  reinject(NF_ACCEPT);
});
raw('careless', (skb, _state, reinject) => {
  if (!skb.isCloned) ip.setTtl(skb, ip.ttl(skb) - 1);
  reinject(NF_ACCEPT);
});
raw('freeing', (skb, _state, reinject) => {
  skb.consume();
  reinject(NF_ACCEPT);
});
user('rejecting', ({ bytes }) => (bytes[9] === 1 ? Promise.reject(new Error('I do not know ICMP')) : NF_ACCEPT));
user('vague', () => 'yes' as never);
raw('keeping', (skb, _state, reinject) => {
  skb.get();
  reinject(NF_ACCEPT);
});
raw('stealing', (_skb, _state, reinject) => reinject(NF_STOLEN));
user('asking', () => (ask(), NF_ACCEPT));
user('all right and asking', async () => {
  await Promise.resolve();
  ask();
  return NF_ACCEPT;
});
const register = registering();
queueContract(
  'registering',
  () => ({
    name: 'registering',
    attach: (services) =>
      services.get(NetfilterHooks).queueHandler(QUEUE, (skb, _state, reinject) => {
        register(skb, services);
        reinject(NF_ACCEPT);
      }),
  }),
  { queue: QUEUE },
);
