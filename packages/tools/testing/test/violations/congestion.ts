/** Congestion controls that break their contract, one way each; run by violations.test.ts. */
import { reno, type CongestionOps } from '@stack/tcp';
import { badNetworks, congestionContract } from '@stack/testing';
import { ask } from './wrong-context.ts';

const networks = badNetworks.filter(({ name }) => name === 'loses one frame in ten');
const control = (name: string, ops: Partial<CongestionOps>): void =>
  congestionContract(name, () => ({ ...reno, name, ...ops }), { bytes: 60_000, networks });

let state = 0;
let garbage: object = {};

control('greedy', {
  congAvoid: (sk, _ack, acked) => {
    sk.cc.cwnd += acked * 3;
  },
});
control('fractional', { ssthresh: (sk) => sk.cc.cwnd / 2 + 0.25 });
control('stubborn', { ssthresh: (sk) => sk.cc.cwnd + 1 });
control('forgetful', { undoCwnd: () => 1 });
control('asking', { ssthresh: (sk) => (ask(), reno.ssthresh(sk)) });
control('watching the clock', {
  congAvoid: (sk, ack, acked) => {
    if (performance.now() > 0) reno.congAvoid(sk, ack, acked);
  },
});
control('mixing', {
  congAvoid: (sk, ack, acked) => {
    reno.congAvoid(sk, ack, state++ % 7 === 0 ? 0 : acked);
  },
});
control('wasteful', {
  congAvoid: (sk, ack, acked) => {
    garbage = { ack, before: garbage === null };
    reno.congAvoid(sk, ack, acked);
  },
});
