/** Where the buffer begins that byte `at` is of; buffers with these lengths make the whole. */
export function startOfPiece(pieces: readonly number[], at: number): number {
  let start = 0;
  for (const length of pieces) {
    if (start + length > at) break;
    start += length;
  }
  return start;
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
