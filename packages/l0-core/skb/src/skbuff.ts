import type { Address, Arena } from '@stack/memory';
import { trace, tracing } from '@stack/trace';
import { CB_WORDS, CHECKSUM_NONE, MAX_SKB_FRAGS, PACKET_HOST } from './constants.ts';
import { dropReasonName } from './drop-reason.ts';
import { SharedInfo } from './shared-info.ts';
import type { SkbPool } from './pool.ts';
import { pskbPullTail } from './pull.ts';
import { pskbTrim } from './trim.ts';

/** What this floor knows of a device; `@stack/netdev` has the whole. */
export interface SkbDevice {
  readonly name: string;
  readonly ifindex: number;
}

/** What this floor knows of a route; `@stack/ipv4` has the whole. */
export interface SkbDst {
  /** References are not counted: a route that is obsolete stays valid for packets under way. */
  readonly obsolete: boolean;
}

/** What this floor knows of a socket; `@stack/sock` has the whole. */
export interface SkbSock {
  readonly protocol: number;
  /** A queueing discipline tells that it holds packets until their `tstamp`. */
  paceInQdisc?(): void;
  /** A packet with `shinfo.txFlags` got where its socket wants to know the time of: `which` is SCM_TSTAMP_*. The packet is only lent. */
  tstampTx?(skb: SkBuff, which: number): void;
}

/**
 * A packet on its way through the host: integer addresses into the arena, never bytes of its own.
 *
 * Exactly one owner at a time: who is handed an skb must pass it on, queue it, {@link consume} or {@link drop} it.
 *
 * @kernel include/linux/skbuff.h struct sk_buff
 */
export class SkBuff {
  // Fields come in one fixed order and never grow, so that every reader sees one shape.
  readonly pool: SkbPool;
  readonly arena: Arena;
  /** Serial number for tracers, new at each allocation. */
  id = 0;
  /** Owners; more than one only while a packet is delivered to several handlers. */
  users = 1;
  /** Neighbours in the one queue or list that holds the buffer. */
  next: SkBuff | null = null;
  prev: SkBuff | null = null;

  /** Beginning and end of the block's usable bytes; `data` to `tail` is the linear part of the packet. */
  head: Address = 0;
  end: Address = 0;
  data: Address = 0;
  tail: Address = 0;
  /** All bytes, with fragments. */
  len = 0;
  /** Bytes in fragments and the fragment list. */
  dataLen = 0;
  /** What the packet costs its socket's budget. */
  truesize = 0;
  shinfo: SharedInfo;

  /** Absolute addresses; 0 when not set. */
  macHeader: Address = 0;
  networkHeader: Address = 0;
  transportHeader: Address = 0;
  macLen = 0;

  dev: SkbDevice | null = null;
  dst: SkbDst | null = null;
  sk: SkbSock | null = null;
  /** The connection that a tracker of connections found, and what the packet is to it; clones keep it. */
  nfct: object | null = null;
  nfctInfo = 0;
  /** Called when `sk` lets go of the buffer; gives its truesize back. */
  destructor: ((skb: SkBuff) => void) | null = null;

  /** Ethertype, as a number (0x0800). */
  protocol = 0;
  pktType = PACKET_HOST;
  ipSummed = CHECKSUM_NONE;
  csumLevel = 0;
  /** Partial sum for CHECKSUM_COMPLETE. */
  csum = 0;
  /** Absolute address for CHECKSUM_PARTIAL. */
  csumStart: Address = 0;
  csumOffset = 0;
  /** Shares its head with clones (or did). */
  cloned = false;
  /** Holds the payload only; set by {@link headerRelease}. */
  nohdr = false;
  /** The head may become a page fragment of another buffer. */
  headFrag = false;
  ignoreDf = false;
  peeked = false;
  /** Neighbour confirmation wanted: forward progress was seen. */
  dstPendingConfirm = false;
  xmitMore = false;
  priority = 0;
  mark = 0;
  /** Flow hash, 0 when not known. */
  hash = 0;
  queueMapping = 0;
  vlanPresent = false;
  vlanTci = 0;
  napiId = 0;
  /** When it was received, or when it may leave (earliest departure), in nanoseconds; 0 when not set. */
  tstamp = 0;
  /** 48 bytes that belong to the layer that holds the buffer at the moment; the next one finds garbage there. */
  readonly cb = new Int32Array(CB_WORDS);

  constructor(pool: SkbPool, shinfo: SharedInfo) {
    this.pool = pool;
    this.arena = pool.arena;
    this.shinfo = shinfo;
  }

  /** Bytes in the linear part. @kernel include/linux/skbuff.h skb_headlen() */
  get headlen(): number {
    return this.len - this.dataLen;
  }

  get headroom(): number {
    return this.data - this.head;
  }

  /** 0 when there are fragments: the linear part cannot grow in front of them. */
  get tailroom(): number {
    return this.dataLen !== 0 ? 0 : this.end - this.tail;
  }

  /** Moves `data` and `tail` of an empty buffer forward, to leave headroom. @kernel include/linux/skbuff.h skb_reserve() */
  reserve(bytes: number): void {
    this.data += bytes;
    this.tail += bytes;
  }

  /** Grows at the end; returns where the new bytes begin. @kernel net/core/skbuff.c skb_put() */
  put(bytes: number): Address {
    const at = this.tail;
    this.tail += bytes;
    this.len += bytes;
    if (this.tail > this.end) this.pool.overrun(this, 'put', bytes);
    return at;
  }

  /** Appends bytes from outside of the arena: `length` of them from index `from` on. @kernel include/linux/skbuff.h skb_put_data() */
  putData(bytes: Uint8Array, from = 0, length = bytes.length - from): Address {
    const at = this.put(length);
    this.arena.u8.set(length === bytes.length ? bytes : bytes.subarray(from, from + length), at);
    return at;
  }

  /** Grows at the front, into the headroom; returns the new `data`. @kernel net/core/skbuff.c skb_push() */
  push(bytes: number): Address {
    this.data -= bytes;
    this.len += bytes;
    if (this.data < this.head) this.pool.overrun(this, 'push', bytes);
    return this.data;
  }

  /** Takes bytes of the linear part off the front; returns the new `data`. @kernel net/core/skbuff.c skb_pull() */
  pull(bytes: number): Address {
    if (bytes > this.headlen) this.pool.overrun(this, 'pull', bytes);
    this.data += bytes;
    this.len -= bytes;
    return this.data;
  }

  /** Cuts to `length` bytes, from the end. False when memory for it is lacking. @kernel net/core/skbuff.c pskb_trim() */
  trim(length: number): boolean {
    if (length >= this.len) return true;
    if (this.dataLen !== 0 || this.cloned) return pskbTrim(this, length);
    this.len = length;
    this.tail = this.data + length;
    return true;
  }

  /**
   * Makes sure that the first `bytes` are linear, so that header accessors may read them. False when the packet is
   * shorter, or memory is lacking. Headers move: read addresses again afterwards.
   *
   * @kernel include/linux/skbuff.h pskb_may_pull()
   */
  mayPull(bytes: number): boolean {
    if (bytes <= this.len - this.dataLen) return true;
    if (bytes > this.len) return false;
    return pskbPullTail(this, bytes - this.headlen);
  }

  resetMacHeader(): void {
    this.macHeader = this.data;
  }

  resetNetworkHeader(): void {
    this.networkHeader = this.data;
  }

  resetTransportHeader(): void {
    this.transportHeader = this.data;
  }

  /** Reads in network byte order, `at` bytes from `data`, in the linear part. */
  u8(at: number): number {
    return this.arena.u8[this.data + at];
  }

  u16(at: number): number {
    return this.arena.view.getUint16(this.data + at);
  }

  /** As a signed 32-bit number. */
  i32(at: number): number {
    return this.arena.view.getInt32(this.data + at);
  }

  setU8(at: number, value: number): void {
    this.arena.u8[this.data + at] = value;
  }

  setU16(at: number, value: number): void {
    this.arena.view.setUint16(this.data + at, value);
  }

  setI32(at: number, value: number): void {
    this.arena.view.setInt32(this.data + at, value);
  }

  /** Adds `size` bytes at `offset` of the block `page` as the last fragment; takes over one reference to the block. */
  addFrag(page: Address, offset: number, size: number, truesize: number): void {
    const shared = this.shinfo;
    const index = shared.nrFrags;
    if (index === MAX_SKB_FRAGS) this.pool.overrun(this, 'addFrag', size);
    shared.fragPage[index] = page;
    shared.fragOffset[index] = offset;
    shared.fragSize[index] = size;
    shared.nrFrags = index + 1;
    this.len += size;
    this.dataLen += size;
    this.truesize += truesize;
  }

  /** Whether other buffers share the head. @kernel include/linux/skbuff.h skb_cloned() */
  get isCloned(): boolean {
    return this.cloned && this.shinfo.dataref !== 1;
  }

  /** Whether other buffers share the headers, which then may not be written. @kernel include/linux/skbuff.h skb_header_cloned() */
  get headerCloned(): boolean {
    return this.cloned && this.shinfo.dataref - this.shinfo.payloadRefs !== 1;
  }

  /**
   * Gives up the headers, for good: this buffer holds the payload alone, so that its clones may write headers in front
   * without a copy. For a packet that waits to be sent again.
   *
   * @kernel include/linux/skbuff.h __skb_header_release()
   */
  headerRelease(): void {
    if (this.nohdr) return;
    this.nohdr = true;
    this.shinfo.payloadRefs++;
  }

  get isGso(): boolean {
    return this.shinfo.gsoSize !== 0;
  }

  /** One more owner, who will {@link consume} or {@link drop} too. @kernel include/linux/skbuff.h skb_get() */
  get(): this {
    this.users++;
    return this;
  }

  /** Whether others own this very object: then it may only be read. @kernel include/linux/skbuff.h skb_shared() */
  get shared(): boolean {
    return this.users !== 1;
  }

  /** Lets go of the socket. @kernel include/linux/skbuff.h skb_orphan() */
  orphan(): void {
    const destructor = this.destructor;
    if (destructor !== null) {
      this.destructor = null;
      destructor(this);
    }
    this.sk = null;
  }

  /** The packet reached its goal: frees the buffer. @kernel net/core/skbuff.c consume_skb() */
  consume(): void {
    this.pool.free(this);
  }

  /** The packet goes no further: counts why, and frees the buffer. @kernel net/core/skbuff.c sk_skb_reason_drop() */
  drop(reason: number): void {
    if (this.users > 1) {
      this.users--;
      return;
    }
    this.pool.drops[reason]++;
    if (tracing.on) trace('kfree_skb', this, dropReasonName(reason));
    this.pool.onDrop?.(this, reason);
    this.pool.free(this);
  }
}
