import { Random } from '@stack/clock';
import { QdiscKinds, type QdiscKind } from '@stack/netdev';
import type { Plugin, Services } from '@stack/plugin';
import { cakeKind } from './cake/cake.ts';
import { codelKind } from './codel/codel.ts';
import { drrKind } from './drr/drr.ts';
import { bfifoKind, pfifoHeadDropKind, pfifoKind } from './fifo.ts';
import { fqCodelKind } from './fq-codel/fq-codel.ts';
import { fqKind } from './fq/fq.ts';
import { htbKind } from './htb/htb.ts';
import { clsactKind, ingressKind } from './ingress.ts';
import { mqKind } from './mq.ts';
import { netemKind } from './netem/netem.ts';
import { pfifoFastKind } from './pfifo-fast.ts';
import { prioKind } from './prio.ts';
import { redKind } from './red/red.ts';
import { tbfKind } from './tbf.ts';

const KINDS: Record<string, (services: Services) => QdiscKind> = {
  pfifo_fast: () => pfifoFastKind,
  pfifo: () => pfifoKind,
  bfifo: () => bfifoKind,
  pfifo_head_drop: () => pfifoHeadDropKind,
  prio: () => prioKind,
  tbf: () => tbfKind,
  red: (services) => redKind(services.get(Random).fork('red')),
  codel: () => codelKind,
  fq: () => fqKind,
  fq_codel: () => fqCodelKind,
  htb: () => htbKind,
  drr: () => drrKind,
  netem: (services) => netemKind(services.get(Random).fork('netem')),
  cake: (services) => cakeKind(services.get(Random).fork('cake')),
  mq: () => mqKind,
  ingress: () => ingressKind,
  clsact: () => clsactKind,
};

const plugin = (kind: string): Plugin => ({
  name: kind,
  attach: (services) => services.get(QdiscKinds).add(KINDS[kind](services)),
});

/** Brings the discipline `pfifo_fast`, which devices have unless told otherwise. */
export const pfifoFast = (): Plugin => plugin('pfifo_fast');
/** Brings `pfifo`: one queue, limited in packets. */
export const pfifo = (): Plugin => plugin('pfifo');
/** Brings `bfifo`: one queue, limited in bytes. */
export const bfifo = (): Plugin => plugin('bfifo');
/** Brings `pfifo_head_drop`: when full, what waits longest goes. */
export const pfifoHeadDrop = (): Plugin => plugin('pfifo_head_drop');
/** Brings `prio`: bands of which a later one waits for those before it. */
export const prio = (): Plugin => plugin('prio');
/** Brings `tbf`: sends at a rate. */
export const tbf = (): Plugin => plugin('tbf');
/** Brings `red`: random early detection. */
export const red = (): Plugin => plugin('red');
/** Brings `codel`: keeps the delay of one queue short. */
export const codel = (): Plugin => plugin('codel');
/** Brings `fq`: flows take turns, each at its pace. */
export const fq = (): Plugin => plugin('fq');
/** Brings `fq_codel`: flows take turns, each with CoDel. */
export const fqCodel = (): Plugin => plugin('fq_codel');
/** Brings `htb`: classes with a rate each, which borrow from each other. */
export const htb = (): Plugin => plugin('htb');
/** Brings `drr`: classes that share by their quantum. */
export const drr = (): Plugin => plugin('drr');
/** Brings `netem`: a bad network. */
export const netem = (): Plugin => plugin('netem');
/** Brings `cake`: shapes, sorts by importance, keeps flows and hosts apart, keeps queues short. */
export const cake = (): Plugin => plugin('cake');
/** Brings `mq`: a discipline for each queue of the device. */
export const mq = (): Plugin => plugin('mq');
/** Brings `ingress`: filters for what a device receives. */
export const ingress = (): Plugin => plugin('ingress');
/** Brings `clsact`: filters for what a device receives, and for what it sends. */
export const clsact = (): Plugin => plugin('clsact');

/** Brings all of them. */
export function qdiscs(): Plugin {
  return {
    name: 'qdiscs',
    attach(services) {
      const kinds = services.get(QdiscKinds);
      const undos = Object.values(KINDS).map((kind) => kinds.add(kind(services)));
      return () => {
        for (const undo of undos) undo();
      };
    },
  };
}
