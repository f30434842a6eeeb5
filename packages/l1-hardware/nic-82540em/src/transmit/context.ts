import type { DmaMemory } from '@stack/pci';
import { TUCMD_IP, TUCMD_TCP } from '../bits.ts';

/**
 * How to insert checksums and to segment, for the data descriptors that follow. All offsets count from the beginning
 * of the frame. Manual 3.3.6.
 */
export class OffloadContext {
  /** Checksum of the IP header: its start, where it goes, and its last byte (0: the end of the packet). */
  ipcss = 0;
  ipcso = 0;
  ipcse = 0;
  /** The same of TCP or UDP. */
  tucss = 0;
  tucso = 0;
  tucse = 0;
  tcp = false;
  ipv4 = false;
  /** For segmentation: bytes of headers in front of each segment, and of payload in it and in all. */
  hdrlen = 0;
  mss = 0;
  paylen = 0;

  read(memory: DmaMemory, at: number): void {
    const { view } = memory;
    const ip = view.getInt32(at, true);
    const tu = view.getInt32(at + 4, true);
    const command = view.getInt32(at + 8, true);
    const sizes = view.getInt32(at + 12, true);
    this.ipcss = ip & 0xff;
    this.ipcso = (ip >>> 8) & 0xff;
    this.ipcse = ip >>> 16;
    this.tucss = tu & 0xff;
    this.tucso = (tu >>> 8) & 0xff;
    this.tucse = tu >>> 16;
    this.tcp = (command & TUCMD_TCP) !== 0;
    this.ipv4 = (command & TUCMD_IP) !== 0;
    this.hdrlen = (sizes >>> 8) & 0xff;
    this.mss = sizes >>> 16;
    this.paylen = command & 0xf_ffff;
  }
}
