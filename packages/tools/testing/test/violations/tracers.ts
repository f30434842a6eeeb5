/** Tracers that break their contract, one way each; run by violations.test.ts. */
import { devQueueXmit } from '@stack/netdev';
import { skbClone, SkBuff } from '@stack/skb';
import { installTracer, type Tracer, type TraceSubject } from '@stack/trace';
import { tracerContract } from '@stack/testing';

const nothing: Tracer = { hit() {}, born() {} };
const install = (tracer: Partial<Tracer>) => () => ({ stop: installTracer({ ...nothing, ...tracer }) });
const kept: TraceSubject[] = [];
let notes: object = {};

tracerContract('all right', install({}));
tracerContract('missing', () => ({ stop() {} }));
tracerContract('endless', () => (installTracer(nothing), { stop() {} }));
tracerContract(
  'throwing',
  install({
    hit(_fn, _subject, note) {
      (note as string).toUpperCase();
    },
  }),
);
tracerContract('hoarding', install({ hit: (_fn, subject) => void kept.push(subject) }), { allocates: true });
tracerContract(
  'meddling',
  install({
    hit(fn, subject) {
      if (fn === 'tcp_v4_rcv' && 'mark' in subject) (subject as { ipSummed?: number }).ipSummed = 0;
      if (fn === 'ip_rcv' && 'pktType' in subject) (subject as { pktType?: number }).pktType = 3;
    },
  }),
);
tracerContract(
  'wasteful',
  install({
    hit(fn, { id }) {
      notes = { fn, id: [id] };
      if (notes === null) throw new Error('never');
    },
  }),
);

/** Does something to each packet that IP receives. */
const at = (deed: (skb: SkBuff) => void) =>
  install({
    hit(fn, subject) {
      if (fn === 'ip_rcv_core' && subject instanceof SkBuff) deed(subject);
    },
  });
tracerContract(
  'freeing',
  at((skb) => skb.consume()),
);
tracerContract(
  'cloning',
  at((skb) => void skbClone(skb)),
);
tracerContract(
  'sending',
  install({
    hit(fn, subject) {
      if (fn === 'dev_hard_start_xmit' && subject instanceof SkBuff && subject.len > 1000)
        devQueueXmit(skbClone(subject)!);
    },
  }),
);
tracerContract(
  'multiplying',
  install({
    hit(fn) {
      if (fn === 'kfree_skb') installTracer(nothing);
    },
  }),
);
