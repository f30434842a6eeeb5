import { StackError, type Undo } from '@stack/plugin';
import { dropFaulty, eth, PLUGIN_FAULT, type SkBuff } from '@stack/skb';
import { NET_RX_DROP } from '../constants.ts';
import type { NetDevice } from '../device/net-device.ts';
import { PTYPE_HASH_MASK, type NetCore } from '../net-core.ts';
import type { PacketType } from './packet-type.ts';
import type { SkbList } from './skb-list.ts';

/**
 * Adds a handler of frames. Throws `ERR_STACK_PACKET_TYPE_TAKEN` for one that is there already.
 *
 * @kernel net/core/dev.c dev_add_pack()
 */
export function devAddPack(core: NetCore, type: PacketType): Undo {
  const list = ptypeHead(core, type);
  if (list.some((other) => (other as GuardedType).of === type)) {
    throw new StackError(
      'ERR_STACK_PACKET_TYPE_TAKEN',
      `the packet type ${type.name} is added already`,
      'add it once, and undo before the next time',
    );
  }
  const guarded = guard(core, type, () => undo());
  const undo = (): void =>
    setPtypeHead(
      core,
      type,
      ptypeHead(core, type).filter((other) => other !== guarded),
    );
  setPtypeHead(core, type, [...list, guarded]);
  return undo;
}

/** Calls a handler; one that throws is taken out, with its packet dropped. */
class GuardedType implements PacketType {
  readonly name: string;
  readonly type: number;
  readonly dev: NetDevice | null;
  readonly of: PacketType;
  readonly listFunc: ((list: SkbList, dev: NetDevice) => void) | undefined;
  readonly #fail: (error: unknown) => void;

  constructor(of: PacketType, fail: (error: unknown) => void) {
    this.name = of.name;
    this.type = of.type;
    this.dev = of.dev;
    this.of = of;
    this.#fail = fail;
    this.listFunc = of.listFunc && ((list, dev) => this.#list(list, dev));
  }

  func(skb: SkBuff, dev: NetDevice, origDev: NetDevice): number {
    const { id, users, pool } = skb;
    try {
      return this.of.func(skb, dev, origDev);
    } catch (error) {
      dropFaulty(skb, id, users, pool);
      this.#fail(error);
      return NET_RX_DROP;
    }
  }

  #list(list: SkbList, dev: NetDevice): void {
    try {
      this.of.listFunc!(list, dev);
    } catch (error) {
      for (let skb = list.shift(); skb !== null; skb = list.shift()) skb.drop(PLUGIN_FAULT);
      this.#fail(error);
    }
  }
}

function guard(core: NetCore, type: PacketType, undo: Undo): GuardedType {
  const part = core.faults.part(`packet type ${type.name}`);
  return new GuardedType(type, (error) => {
    core.faults.passOn(error);
    undo();
    core.faults.report(part, error);
  });
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
