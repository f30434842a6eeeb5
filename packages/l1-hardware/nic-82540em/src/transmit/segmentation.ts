import { csumAdd, csumBlockAdd, csumFold } from '@stack/memory';
import { POPTS_IXSM, POPTS_TXSM } from '../bits.ts';
import type { Core } from '../core.ts';
import type { OffloadContext } from './context.ts';
import type { Gather } from './gather.ts';
import type { Packet } from './packet.ts';
import { insertTag, VLAN_TAG } from './vlan-tag.ts';

const FIN_AND_PSH = 0x09;
const SEQUENCE = 4;
const OFFSET_AND_FLAGS = 12;
const IPV6_HEADER = 40;

/**
 * Cuts one packet into TCP segments. The headers are read once; what changes from segment to segment is added to sums
 * that were made over all that does not. Manual 3.5.
 */
export class Segmentation {
  readonly #core: Core;
  #packet!: Packet;
  #context!: OffloadContext;
  #gather!: Gather;
  /** Bytes of payload that are left, and where they lie. */
  #left = 0;
  #piece = 0;
  #offset = 0;
  #sent = 0;
  #segment = 0;
  /** Where the headers, IP and TCP begin in scratch memory. */
  #at = 0;
  #ip = 0;
  #tcp = 0;
  #headers = 0;
  #ipSum = 0;
  #tcpSum = 0;
  #ipId = 0;
  #sequence = 0;
  #offsetAndFlags = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** `tagged`: with the packet's VLAN tag. False when the context makes no sense for this packet. */
  begin(packet: Packet, context: OffloadContext, gather: Gather, tagged: boolean): boolean {
    const { hdrlen, mss, ipcss, tucss } = context;
    if (mss === 0 || hdrlen > packet.length || tucss + 20 > hdrlen || ipcss + 20 > tucss) return false;
    this.#packet = packet;
    this.#context = context;
    this.#gather = gather;
    this.#left = Math.min(packet.length - hdrlen, context.paylen);
    this.#sent = this.#segment = this.#piece = this.#offset = 0;
    const vlan = tagged ? VLAN_TAG : 0;
    this.#headers = hdrlen + vlan;
    this.#at = gather.header + vlan;
    packet.copyHead(this.#core.memory, hdrlen, gather.scratch.u8, this.#at);
    this.#skip(hdrlen);
    this.#sumHeaders();
    if (tagged) insertTag(this.#core, gather, packet.vlanTag);
    return true;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  /** Makes the next segment's frame. A packet without payload gives one segment. */
  next(): void {
    const { mss } = this.#context;
    const take = this.#left < mss ? this.#left : mss;
    this.#gather.begin(this.#headers);
    const payload = this.#addPayload(take);
    this.#left -= take;
    this.#changeHeaders(take, payload);
    this.#sent += take;
    this.#segment++;
  }

  /** Zeroes what changes from segment to segment, and sums the rest. */
  #sumHeaders(): void {
    const { view, kernels } = this.#gather.scratch;
    const { ipcss, tucss, hdrlen, ipv4, ipcso } = this.#context;
    const ip = (this.#ip = this.#at + ipcss);
    const tcp = (this.#tcp = this.#at + tucss);
    if (ipv4) {
      this.#ipId = view.getUint16(ip + 4);
      view.setInt32(ip + 2, 0); // length and id
      view.setUint16(this.#at + ipcso, 0);
      this.#ipSum = kernels.checksum(ip, tucss - ipcss, 0);
    }
    this.#sequence = view.getInt32(tcp + SEQUENCE);
    this.#offsetAndFlags = view.getUint16(tcp + OFFSET_AND_FLAGS);
    view.setInt32(tcp + SEQUENCE, 0);
    view.setUint16(tcp + OFFSET_AND_FLAGS, 0);
    // The checksum field holds the sum of the pseudo-header without the length: it stays in.
    this.#tcpSum = kernels.checksum(tcp, hdrlen - tucss, 0);
  }

  #changeHeaders(take: number, payload: number): void {
    const { view } = this.#gather.scratch;
    const { ipcso, tucso, ipv4, hdrlen, ipcss, tucss } = this.#context;
    const { options } = this.#packet;
    const ip = this.#ip;
    if (ipv4) {
      const length = hdrlen - ipcss + take;
      const id = (this.#ipId + this.#segment) & 0xffff;
      view.setInt32(ip + 2, (length << 16) | id);
      if ((options & POPTS_IXSM) !== 0) view.setUint16(this.#at + ipcso, csumFold(csumAdd(this.#ipSum, length + id)));
    } else {
      view.setUint16(ip + 4, hdrlen - ipcss - IPV6_HEADER + take);
    }
    const sequence = (this.#sequence + this.#sent) | 0;
    const flags = this.#left === 0 ? this.#offsetAndFlags : this.#offsetAndFlags & ~FIN_AND_PSH;
    view.setInt32(this.#tcp + SEQUENCE, sequence);
    view.setUint16(this.#tcp + OFFSET_AND_FLAGS, flags);
    if ((options & POPTS_TXSM) === 0) return;
    const header = csumAdd(csumAdd(this.#tcpSum, sequence), flags + hdrlen - tucss + take);
    view.setUint16(this.#at + tucso, csumFold(csumAdd(header, payload)));
  }

  /** Adds `take` bytes to the frame and returns their partial checksum, as it counts behind the TCP header. */
  #addPayload(take: number): number {
    const { kernels } = this.#core.memory;
    const { addresses, lengths } = this.#packet;
    const gather = this.#gather;
    let sum = 0;
    let left = take;
    while (left > 0) {
      const room = lengths[this.#piece] - this.#offset;
      const n = left < room ? left : room;
      const address = addresses[this.#piece] + this.#offset;
      gather.add(address, n);
      sum =
        ((take - left) & 1) === 0
          ? kernels.checksum(address, n, sum)
          : csumBlockAdd(sum, kernels.checksum(address, n, 0), 1);
      left -= n;
      this.#skip(n);
    }
    return csumBlockAdd(0, sum, this.#at + this.#context.hdrlen - this.#tcp);
  }

  #skip(bytes: number): void {
    const { lengths } = this.#packet;
    let left = bytes;
    while (left > 0 && left >= lengths[this.#piece] - this.#offset) {
      left -= lengths[this.#piece++] - this.#offset;
      this.#offset = 0;
    }
    this.#offset += left;
  }
}
