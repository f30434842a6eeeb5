/** Counters of one direction. Each frame that does not arrive is in exactly one of them. */
export class LinkStatistics {
  /** All that the sender gave to the cable, without preamble and FCS. */
  frames = 0;
  bytes = 0;
  /** Frames handed to the receiver, with duplicates. */
  delivered = 0;
  lost = 0;
  duplicated = 0;
  reordered = 0;
  corrupted = 0;
  queueDrops = 0;
  /** The arena had no block to keep the frame in. */
  memoryDrops = 0;
  /** Sent while the link was down, or under way when it went down. */
  linkDown = 0;
  /** The most that ever waited at a time. */
  maxQueueFrames = 0;
  maxQueueBytes = 0;
}
