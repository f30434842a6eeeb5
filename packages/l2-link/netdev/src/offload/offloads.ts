import { StackError, token, type Undo } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';
import type { GroList } from '../napi/gro-list.ts';
import type { NetCore } from '../net-core.ts';

/** How the packets of a protocol are merged and cut. */
export interface OffloadCallbacks {
  /**
   * Tries to merge `skb` into one of the held packets that may be of the same flow. Returns a held packet that must
   * grow no more, or null.
   */
  groReceive?(held: GroList, skb: SkBuff): SkBuff | null;
  /** Makes the headers of a merged packet right; `offset` is from `data` to the protocol's header. */
  groComplete?(skb: SkBuff, offset: number): void;
  /**
   * Cuts a packet into segments for a device with these features. Returns their list, linked by `next`, or null when
   * memory is lacking or the packet is malformed. The packet stays with the caller.
   */
  gsoSegment?(skb: SkBuff, features: number): SkBuff | null;
}

/** By ethertype. @kernel include/linux/netdevice.h struct packet_offload */
export interface PacketOffload extends OffloadCallbacks {
  readonly type: number;
}

/** By protocol number of IPv4. @kernel include/net/protocol.h struct net_offload */
export interface InetOffload extends OffloadCallbacks {
  readonly protocol: number;
}

/** @kernel net/core/gro.c dev_add_offload() */
export interface Offloads {
  /** Throws `ERR_STACK_OFFLOAD_TAKEN` when the ethertype has one. */
  addPacket(offload: PacketOffload): Undo;
  /** Throws `ERR_STACK_OFFLOAD_TAKEN` when the protocol has one. @kernel net/ipv4/protocol.c inet_add_offload() */
  addInet(offload: InetOffload): Undo;
}

export const Offloads = token<Offloads>('Offloads', 'add netdev() to the host');

/** The registry of one host; the lists are in its core. */
export class OffloadRegistry implements Offloads {
  readonly #core: NetCore;

  constructor(core: NetCore) {
    this.#core = core;
  }

  addPacket(offload: PacketOffload): Undo {
    const core = this.#core;
    if (core.packetOffloads.some(({ type }) => type === offload.type))
      taken(`ethertype 0x${offload.type.toString(16)}`);
    core.packetOffloads = [...core.packetOffloads, offload];
    return () => {
      core.packetOffloads = core.packetOffloads.filter((other) => other !== offload);
    };
  }

  addInet(offload: InetOffload): Undo {
    const { inetOffloads } = this.#core;
    if (inetOffloads[offload.protocol] !== null) taken(`protocol ${offload.protocol}`);
    inetOffloads[offload.protocol] = offload;
    return () => {
      if (inetOffloads[offload.protocol] === offload) inetOffloads[offload.protocol] = null;
    };
  }
}

function taken(what: string): never {
  throw new StackError('ERR_STACK_OFFLOAD_TAKEN', `${what} has an offload already`, 'leave one of the two out');
}

/** @kernel net/core/gro.c gro_find_receive_by_type() */
export function findPacketOffload(core: NetCore, type: number): PacketOffload | null {
  const offloads = core.packetOffloads;
  for (let i = 0; i < offloads.length; i++) if (offloads[i].type === type) return offloads[i];
  return null;
}
