import { EAGAIN, EBADF, EPIPE } from '@stack/plugin';
import { PAGE, type LocalFile, type Pieces } from './local-file.ts';

/** Pieces that a pipe can hold. @kernel include/linux/pipe_fs_i.h PIPE_DEF_BUFFERS */
const SLOTS = 16;

/** The bytes between the two ends of a pipe. @kernel include/linux/pipe_fs_i.h struct pipe_inode_info */
class PipeBuffer {
  readonly pieces: number[] = [];
  readers = 1;
  writers = 1;
}

/** The end to read from. */
class ReadEnd implements LocalFile {
  readonly isPipe = true;
  readonly #buffer: PipeBuffer;

  constructor(buffer: PipeBuffer) {
    this.#buffer = buffer;
  }

  read(length: number): Pieces {
    const { pieces, writers } = this.#buffer;
    if (pieces.length === 0) return writers > 0 ? -EAGAIN : [];
    const taken: number[] = [];
    for (let left = length; left > 0 && pieces.length > 0;) {
      const piece = Math.min(pieces[0], left);
      taken.push(piece);
      left -= piece;
      pieces[0] -= piece;
      if (pieces[0] === 0) pieces.shift();
    }
    return taken;
  }

  /** Bytes that could not be passed on stay. */
  putBack(pieces: readonly number[]): void {
    this.#buffer.pieces.unshift(...pieces);
  }

  write(): number {
    return -EBADF;
  }

  close(): void {
    this.#buffer.readers = 0;
  }
}

/** The end to write to. */
class WriteEnd implements LocalFile {
  readonly isPipe = true;
  readonly #buffer: PipeBuffer;

  constructor(buffer: PipeBuffer) {
    this.#buffer = buffer;
  }

  read(): Pieces {
    return -EBADF;
  }

  /** Bytes that there is room for; one that is left over makes a slot of its own. */
  get room(): number {
    return (SLOTS - this.#buffer.pieces.length) * PAGE;
  }

  write(given: readonly number[]): number {
    const { pieces, readers } = this.#buffer;
    if (readers === 0) return -EPIPE;
    let taken = 0;
    for (const piece of given) {
      if (pieces.length === SLOTS) break;
      pieces.push(piece);
      taken += piece;
    }
    return taken > 0 || given.length === 0 ? taken : -EAGAIN;
  }

  close(): void {
    this.#buffer.writers = 0;
  }
}

export type { ReadEnd, WriteEnd };

export function isReadEnd(file: LocalFile | null): file is ReadEnd {
  return file instanceof ReadEnd;
}

export function isWriteEnd(file: LocalFile | null): file is WriteEnd {
  return file instanceof WriteEnd;
}

/** @kernel fs/pipe.c do_pipe2() */
export function makePipe(): [ReadEnd, WriteEnd] {
  const buffer = new PipeBuffer();
  return [new ReadEnd(buffer), new WriteEnd(buffer)];
}
