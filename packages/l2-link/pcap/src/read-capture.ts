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
  try {
    return read(file, new DataView(file.buffer, file.byteOffset, file.byteLength));
  } catch (error) {
    if (error instanceof RangeError) malformed('a number lies beyond its end');
    throw error;
  }
}

function read(file: Uint8Array, view: DataView): CaptureFile {
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === SECTION_HEADER) return readPcapng(file, view);
    if (magic === PCAP_MICROSECONDS) return readPcap(file, view, littleEndian, 1000n);
    if (magic === PCAP_NANOSECONDS) return readPcap(file, view, littleEndian, 1n);
  }
  return malformed('it begins with none of the magic numbers');
}
