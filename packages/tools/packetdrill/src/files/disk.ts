import { EEXIST, ENOENT } from '@stack/plugin';
import { FILES } from '../syscalls/symbols/files.ts';
import { pagesOf, type LocalFile, type Pieces } from './local-file.ts';

interface Inode {
  text: string;
}

/** The files that a script makes; they are gone with it. */
export class Disk {
  readonly #files = new Map<string, Inode>();

  read(path: string): string | null {
    return this.#files.get(path)?.text ?? null;
  }

  write(path: string, text: string): void {
    this.#files.set(path, { text });
  }

  append(path: string, text: string): void {
    this.write(path, (this.read(path) ?? '') + text);
  }

  /** False when there was none. */
  remove(path: string): boolean {
    return this.#files.delete(path);
  }

  /** A negative errno when it cannot be had. `flags` are O_* bits. */
  open(path: string, flags: number): LocalFile | number {
    if (path === '/dev/zero') return new Zeros();
    if (path === '/dev/null') return new OpenFile({ text: '' });
    const known = this.#files.get(path);
    if (known !== undefined && (flags & FILES.O_CREAT) !== 0 && (flags & FILES.O_EXCL) !== 0) return -EEXIST;
    if (known === undefined && (flags & FILES.O_CREAT) === 0) return -ENOENT;
    const inode = known ?? { text: '' };
    this.#files.set(path, inode);
    if ((flags & FILES.O_TRUNC) !== 0) inode.text = '';
    return new OpenFile(inode);
  }
}

class OpenFile implements LocalFile {
  readonly isPipe = false;
  readonly #inode: Inode;
  #position = 0;

  constructor(inode: Inode) {
    this.#inode = inode;
  }

  read(length: number, offset?: number): Pieces {
    const from = offset ?? this.#position;
    const got = Math.max(0, Math.min(length, this.#inode.text.length - from));
    if (offset === undefined) this.#position += got;
    return pagesOf(from, got);
  }

  write(pieces: readonly number[]): number {
    const length = pieces.reduce((total, piece) => total + piece, 0);
    const { text } = this.#inode;
    const before = text.slice(0, this.#position).padEnd(this.#position, '\0');
    this.#inode.text = before + '\0'.repeat(length) + text.slice(this.#position + length);
    this.#position += length;
    return length;
  }

  close(): void {}
}

/** It never ends. @kernel drivers/char/mem.c read_zero() */
class Zeros implements LocalFile {
  readonly isPipe = false;

  read(length: number, offset = 0): Pieces {
    return pagesOf(offset, length);
  }

  write(pieces: readonly number[]): number {
    return pieces.reduce((total, piece) => total + piece, 0);
  }

  close(): void {}
}
