import { PCAP_MICROSECONDS, PCAP_NANOSECONDS, SECTION_HEADER } from './format.ts';
import { malformed } from './malformed.ts';
import type { CaptureFile } from './packet-record.ts';
import { readPcap } from './read-pcap.ts';
import { readPcapng } from './read-pcapng.ts';

/**
 * Reads a capture file: pcapng, or pcap in either byte order and resolution. Throws `ERR_STACK_PCAP_FORMAT` for
 * anything else, and for a file that is cut off within a frame.
 */
export function readCapture(file: Uint8Array): CaptureFile {
  if (file.length < 24) malformed('the file is too short');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === SECTION_HEADER) return readPcapng(file, view);
    if (magic === PCAP_MICROSECONDS) return readPcap(file, view, littleEndian, 1000n);
    if (magic === PCAP_NANOSECONDS) return readPcap(file, view, littleEndian, 1n);
  }
  return malformed('the file begins with none of the magic numbers');
}
