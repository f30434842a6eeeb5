/** Whether byte `at` is the first of one of the buffers with these lengths. */
export function beginsPiece(pieces: readonly number[], at: number): boolean {
  let start = 0;
  for (const length of pieces) {
    if (start >= at) break;
    start += length;
  }
  return start === at;
}

/** Bytes from `at` to the end of its buffer. */
export function leftOfPiece(pieces: readonly number[], at: number): number {
  let end = 0;
  for (const length of pieces) {
    end += length;
    if (end > at) return end - at;
  }
  return 0;
}
