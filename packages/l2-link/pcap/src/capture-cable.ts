import { FATE_GONE, fateName, type Cable } from '@stack/cable';
import type { Undo } from '@stack/plugin';
import { INBOUND, OUTBOUND } from './format.ts';
import type { PcapWriter } from './writer.ts';

export interface CableCaptureOptions {
  /** Of the interface in the file; the cable's unless given. */
  name?: string;
  /**
   * Leaves out what the cable lost, as somebody who listens at the far end would. When both a frame and what is sent in
   * its place are in a capture, Wireshark takes the second for an error if it stands behind the end of what it belongs to.
   */
  arrivedOnly?: boolean;
}

/**
 * Writes every frame that is sent into a cable, from either end, as it was then: after segmentation, before the cable
 * harms it, lost ones included unless told otherwise. What the cable did to a frame is its comment. Seen from end a: what a sends is outbound.
 */
export function captureCable(cable: Cable, writer: PcapWriter, options: CableCaptureOptions = {}): Undo {
  const { name = cable.name, arrivedOnly = false } = options;
  const interfaceId = writer.addInterface({ name, speed: cable.rate });
  const scratch = new Uint8Array(MAX_FRAME);
  let frames = 0;
  let gone = 0;
  let last = 0;
  const undo = cable.capture((frame, direction, at, fate) => {
    frames++;
    last = at;
    if (fate & FATE_GONE) {
      gone++;
      if (arrivedOnly) return;
    }
    frame.copyTo(scratch, 0);
    const flags = direction === 'aToB' ? OUTBOUND : INBOUND;
    writer.packet({ interfaceId, at, flags, comment: fateName(fate) }, scratch, 0, frame.length);
  });
  return () => {
    undo();
    if (frames > 0) writer.statistics(interfaceId, last, frames, gone);
    frames = 0;
    writer.flush();
  };
}

const MAX_FRAME = 1 << 18;
