import { StackError, type Undo } from '@stack/plugin';
import { eth } from '@stack/skb';
import { PTYPE_HASH_MASK, type NetCore } from '../net-core.ts';
import type { PacketType } from './packet-type.ts';

/**
 * Adds a handler of frames. Throws `ERR_STACK_PACKET_TYPE_TAKEN` for one that is there already.
 *
 * @kernel net/core/dev.c dev_add_pack()
 */
export function devAddPack(core: NetCore, type: PacketType): Undo {
  const list = ptypeHead(core, type);
  if (list.includes(type)) {
    throw new StackError(
      'ERR_STACK_PACKET_TYPE_TAKEN',
      `the packet type ${type.name} is added already`,
      'add it once, and undo before the next time',
    );
  }
  setPtypeHead(core, type, [...list, type]);
  return () =>
    setPtypeHead(
      core,
      type,
      ptypeHead(core, type).filter((other) => other !== type),
    );
}

/** Where the handler belongs. @kernel net/core/dev.c ptype_head() */
function ptypeHead(core: NetCore, { type, dev }: PacketType): readonly PacketType[] {
  if (type === eth.TYPE_ALL) return dev === null ? core.ptypeAll : dev.ptypeAll;
  return dev === null ? core.ptypeBase[type & PTYPE_HASH_MASK] : dev.ptypeSpecific;
}

function setPtypeHead(core: NetCore, { type, dev }: PacketType, list: readonly PacketType[]): void {
  if (type === eth.TYPE_ALL) {
    if (dev === null) core.ptypeAll = list;
    else dev.ptypeAll = list;
  } else if (dev === null) {
    core.ptypeBase[type & PTYPE_HASH_MASK] = list;
  } else {
    dev.ptypeSpecific = list;
  }
}
