import { QdiscKinds, type QdiscKind } from '@stack/netdev';
import type { Plugin } from '@stack/plugin';
import { bfifoKind, pfifoKind } from './fifo.ts';
import { pfifoFastKind } from './pfifo-fast.ts';

/** Brings the discipline `pfifo_fast`, which devices have unless told otherwise. */
export function pfifoFast(): Plugin {
  return bring(pfifoFastKind);
}

/** Brings the discipline `pfifo`: one queue, limited in packets. */
export function pfifo(): Plugin {
  return bring(pfifoKind);
}

/** Brings the discipline `bfifo`: one queue, limited in bytes. */
export function bfifo(): Plugin {
  return bring(bfifoKind);
}

function bring(kind: QdiscKind): Plugin {
  return { name: kind.kind, attach: (services) => services.get(QdiscKinds).add(kind) };
}
