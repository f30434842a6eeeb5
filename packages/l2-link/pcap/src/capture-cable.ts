import { FATE_GONE, fateName, type Cable } from '@stack/cable';
import type { Undo } from '@stack/plugin';
import { INBOUND, OUTBOUND } from './format.ts';
import type { PcapWriter } from './writer.ts';

export interface CableCaptureOptions {
  /** Of the interface in the file; the cable's unless given. */
  name?: string;
}

/**
 * Writes every frame that is sent into a cable, from either end, as it was then: after segmentation, before the cable
 * harms it. What the cable did to a frame is its comment. Seen from end a: what a sends is outbound.
 */
export function captureCable(cable: Cable, writer: PcapWriter, { name = cable.name }: CableCaptureOptions = {}): Undo {
  const interfaceId = writer.addInterface({ name, speed: cable.rate });
  const scratch = new Uint8Array(MAX_FRAME);
  let frames = 0;
  let gone = 0;
  let last = 0;
  const undo = cable.capture((frame, direction, at, fate) => {
    frames++;
    last = at;
    if (fate & FATE_GONE) gone++;
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
