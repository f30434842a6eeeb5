import { StackError } from '@stack/plugin';
import type { NetDevice, Qdisc } from '@stack/netdev';
import { formatHandle, majorOf } from '../base/handle.ts';
import { rootOf } from './attach.ts';

/** All disciplines of a device, those above before those below. @kernel net/sched/sch_api.c tc_dump_qdisc() */
export function* allQdiscs(dev: NetDevice): Generator<Qdisc> {
  const root = rootOf(dev);
  if (root !== null) yield* below(root);
  if (dev.ingress !== null) yield dev.ingress.qdisc;
}

function* below(qdisc: Qdisc): Generator<Qdisc> {
  yield qdisc;
  for (const cl of qdisc.classes?.all ?? []) if (cl.qdisc !== null) yield* below(cl.qdisc);
}

/** The discipline of which `handle` is, or names a class. Throws `ERR_STACK_QDISC_HANDLE`. @kernel net/sched/sch_api.c qdisc_lookup() */
export function qdiscOf(dev: NetDevice, handle: number): Qdisc {
  const major = majorOf(handle);
  for (const qdisc of allQdiscs(dev)) if (qdisc.handle === major && major !== 0) return qdisc;
  throw new StackError(
    'ERR_STACK_QDISC_HANDLE',
    `${dev.name} has no qdisc ${formatHandle(major)}`,
    'see which there are with tc(dev).show()',
  );
}

/** A handle that is not in use, from 8001: on. @kernel net/sched/sch_api.c qdisc_alloc_handle() */
export function freeHandle(dev: NetDevice): number {
  const used = new Set(Array.from(allQdiscs(dev), ({ handle }) => handle));
  let handle = 0x80010000;
  while (used.has(handle)) handle += 0x10000;
  return handle;
}
