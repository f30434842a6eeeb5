import { StackError, token } from '@stack/plugin';
import type { Address, Arena } from '@stack/memory';
import { tracing } from '@stack/trace';
import { CHECKSUM_NONE, kmallocRoundup, PACKET_HOST, skbTruesize } from './constants.ts';
import { MAX_DROP_REASONS } from './drop-reason.ts';
import { PieceSinks } from './pieces.ts';
import { SharedInfo } from './shared-info.ts';
import { SkBuff } from './skbuff.ts';

/** Headroom of received buffers: room for a VLAN tag and an aligned IP header. */
export const NET_SKB_PAD = 64;
/** Shifts the Ethernet header so that the IP header is aligned. */
export const NET_IP_ALIGN = 2;

/**
 * The buffers of one host: a free list of SkBuff objects over the machine's arena, and the counters of what became
 * of them.
 */
export class SkbPool {
  readonly arena: Arena;
  /** Buffers alive. */
  live = 0;
  /** Packets dropped, by {@link DropReason}. */
  readonly drops = new Float64Array(MAX_DROP_REASONS);
  /** Told of every drop, before the buffer is freed; for captures. */
  onDrop: ((skb: SkBuff, reason: number) => void) | null = null;
  /** @internal For skbCopyBits and its siblings. */
  readonly sinks = new PieceSinks();
  #free: SkBuff[] = [];
  #freeShared: SharedInfo[] = [];

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /**
   * An empty buffer with room for `size` bytes (at most 65,536). Null when the arena is full.
   *
   * @kernel net/core/skbuff.c __alloc_skb()
   */
  alloc(size: number): SkBuff | null {
    const head = this.arena.alloc(size);
    if (head === 0) return null;
    const skb = this.build(head, size);
    skb.truesize = skbTruesize(kmallocRoundup(size));
    return skb;
  }

  /**
   * A buffer around a block that is filled already; takes over the caller's reference to the block.
   *
   * @kernel net/core/skbuff.c build_skb()
   */
  build(head: Address, size: number): SkBuff {
    const skb = this.object();
    skb.head = head;
    skb.data = head;
    skb.tail = head;
    skb.end = head + size;
    skb.truesize = skbTruesize(size);
    return skb;
  }

  /** An skb without a head, for {@link build} and clone. @internal */
  object(): SkBuff {
    const skb = this.takeObject();
    this.live++;
    skb.id = ++tracing.lastId;
    return skb;
  }

  /** From the free list, or new. */
  protected takeObject(): SkBuff {
    return this.#free.pop() ?? new SkBuff(this, new SharedInfo());
  }

  /** A shared info of its own for a buffer that stops sharing, see pskbExpandHead. @internal */
  sharedInfo(): SharedInfo {
    return this.#freeShared.pop() ?? new SharedInfo();
  }

  /** @internal Use {@link SkBuff.consume} or {@link SkBuff.drop}. */
  free(skb: SkBuff): void {
    if (skb.users > 1) {
      skb.users--;
      return;
    }
    skb.orphan();
    this.releaseData(skb);
    this.live--;
    this.recycle(skb);
  }

  /**
   * Frees a buffer without clones whose head and fragments another buffer has taken over.
   *
   * @kernel net/core/skbuff.c kfree_skb_partial()
   */
  freeStolen(skb: SkBuff): void {
    skb.orphan();
    resetShared(skb.shinfo);
    this.live--;
    this.recycle(skb);
  }

  /** Gives back head and fragments, or this clone's share in them. @internal @kernel net/core/skbuff.c skb_release_data() */
  releaseData(skb: SkBuff): void {
    const shared = skb.shinfo;
    if (skb.nohdr) shared.payloadRefs--;
    if (--shared.dataref > 0) {
      skb.shinfo = this.sharedInfo();
      return;
    }
    for (let i = 0; i < shared.nrFrags; i++) this.arena.release(shared.fragPage[i]);
    for (let skb = shared.fragList; skb !== null;) {
      const next: SkBuff | null = skb.next;
      skb.next = null;
      this.free(skb);
      skb = next;
    }
    this.arena.release(skb.head);
    const { uarg } = shared;
    resetShared(shared);
    if (uarg !== null) uarg.put();
  }

  /** Back to the free list, with the fields as a new buffer has them. */
  protected recycle(skb: SkBuff): void {
    resetBuffer(skb);
    this.#free.push(skb);
  }

  /** @internal Gives a shared info nobody uses any more to the free list. */
  recycleShared(shared: SharedInfo): void {
    resetShared(shared);
    this.#freeShared.push(shared);
  }

  /** Whether this is still the packet that had the serial number `id`: freed buffers are used again under another one. */
  isAlive(skb: SkBuff, id: number): boolean {
    return skb.id === id && skb.head !== 0;
  }

  /** Who took the packet over, for those who look for leaks; here nobody does. */
  heldBy(_skb: SkBuff, _holder: string): void {}

  /** A layer wrote outside of the buffer: a defect of code, not of a packet. @kernel net/core/skbuff.c skb_panic() */
  overrun(skb: SkBuff, operation: string, bytes: number): never {
    const room = `headroom ${skb.headroom}, tailroom ${skb.end - skb.tail}, length ${skb.len}, linear ${skb.headlen}`;
    throw new StackError(
      'ERR_STACK_SKB_OVERRUN',
      `${operation}(${bytes}) leaves the buffer (${room})`,
      'reserve more room, or check mayPull first',
    );
  }
}

function resetShared(shared: SharedInfo): void {
  shared.dataref = 1;
  shared.payloadRefs = 0;
  shared.nrFrags = 0;
  shared.fragList = null;
  shared.gsoSize = 0;
  shared.gsoSegs = 0;
  shared.gsoType = 0;
  shared.txFlags = 0;
  shared.tskey = 0;
  shared.uarg = null;
}

function resetBuffer(skb: SkBuff): void {
  skb.next = null;
  skb.prev = null;
  skb.head = skb.end = skb.data = skb.tail = 0;
  skb.len = 0;
  skb.dataLen = 0;
  skb.truesize = 0;
  skb.macHeader = skb.networkHeader = skb.transportHeader = 0;
  skb.macLen = 0;
  skb.dev = null;
  skb.dst = null;
  skb.sk = null;
  skb.nfct = null;
  skb.nfctInfo = 0;
  skb.destructor = null;
  skb.protocol = 0;
  skb.pktType = PACKET_HOST;
  skb.ipSummed = CHECKSUM_NONE;
  skb.csumLevel = 0;
  skb.csum = 0;
  skb.csumStart = 0;
  skb.csumOffset = 0;
  skb.cloned = skb.nohdr = skb.headFrag = skb.ignoreDf = skb.peeked = skb.dstPendingConfirm = skb.xmitMore = false;
  skb.priority = 0;
  skb.mark = 0;
  skb.hash = 0;
  skb.queueMapping = 0;
  skb.vlanPresent = false;
  skb.vlanTci = 0;
  skb.napiId = 0;
  skb.tstamp = 0;
}

export const Skbs = token<SkbPool>('Skbs', 'add skbs() to the host');
