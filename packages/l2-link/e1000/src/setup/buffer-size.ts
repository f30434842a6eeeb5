import type { E1000Adapter } from '../adapter.ts';
import { E1000_HEADROOM } from '../receive/buffers.ts';

/** Bytes of a frame beside its payload, and those with a tag. */
const ETH_HLEN = 14;
const ETH_FCS_LEN = 4;
const FRAME_OVERHEAD = ETH_HLEN + ETH_FCS_LEN;
/** With the standard MTU, a frame has this many bytes at most, tag included. */
const MAXIMUM_ETHERNET_VLAN_SIZE = 1522;
const STANDARD_FRAME = 1518;
const RX_BUFFER_2048 = 2048;
export const RX_BUFFER_4096 = 4096;
/** Also the largest frame of the chip. @kernel drivers/net/ethernet/intel/e1000/e1000.h MAX_JUMBO_FRAME_SIZE */
const MAX_JUMBO_FRAME_SIZE = 0x3f00;
export const MAX_MTU = MAX_JUMBO_FRAME_SIZE - FRAME_OVERHEAD;
export const MIN_MTU = 60 - ETH_HLEN;

/**
 * How buffers look for this MTU. The standard frame fits a block of 2,048 bytes with room in front of it. Frames up to
 * 2,048 bytes need the next block. Larger ones fill blocks of 4,096, as many as they need, and have no headroom.
 */
export function setBufferSize(adapter: E1000Adapter, mtu: number): void {
  const frame = mtu + FRAME_OVERHEAD;
  adapter.hw.maxFrameSize = frame;
  if (frame > RX_BUFFER_2048) {
    adapter.rxBufferLen = RX_BUFFER_4096;
    adapter.rxBlockSize = RX_BUFFER_4096;
    adapter.rxHeadroom = 0;
    return;
  }
  adapter.rxBufferLen = frame <= STANDARD_FRAME ? MAXIMUM_ETHERNET_VLAN_SIZE : RX_BUFFER_2048;
  adapter.rxBlockSize = frame <= STANDARD_FRAME ? RX_BUFFER_2048 : RX_BUFFER_4096;
  adapter.rxHeadroom = E1000_HEADROOM;
}
