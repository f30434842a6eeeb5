/** What a call to a file came to: the pieces of memory that the bytes lie in, none at the end; or a negative errno. */
export type Pieces = readonly number[] | number;

/** Something else than a socket behind a descriptor. How many bytes it has counts, what they are does not. */
export interface LocalFile {
  /** Whether bytes come out in the order in which they went in, at no place of their own. */
  readonly isPipe: boolean;
  /** Takes up to `length` bytes, from `offset` on or from where the last call ended. */
  read(length: number, offset?: number): Pieces;
  /** How many bytes were taken, or a negative errno. */
  write(pieces: readonly number[]): number;
  close(): void;
}

export const PAGE = 4096;

/** Bytes from `offset` on, page by page. */
export function pagesOf(offset: number, length: number): number[] {
  const pieces: number[] = [];
  for (let at = offset; at < offset + length;) {
    const end = Math.min(offset + length, (Math.floor(at / PAGE) + 1) * PAGE);
    pieces.push(end - at);
    at = end;
  }
  return pieces;
}
