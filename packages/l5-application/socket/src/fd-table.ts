import { EMFILE } from '@stack/plugin';
import type { File } from './file.ts';

/** The open files of a host: small numbers, always the lowest that is free. @kernel fs/file.c alloc_fd() */
export class FdTable {
  readonly limit: number;
  readonly #files: (File | null)[] = [];
  /** No number below is free. */
  #lowest = 0;
  /** Open files. */
  size = 0;

  /** `limit` files at most, as RLIMIT_NOFILE. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** The new descriptor, or -EMFILE. */
  open(file: File): number {
    if (this.full) return -EMFILE;
    let fd = this.#lowest;
    while (fd < this.#files.length && this.#files[fd] !== null) fd++;
    this.#files[fd] = file;
    this.#lowest = fd + 1;
    this.size++;
    return fd;
  }

  get full(): boolean {
    return this.size >= this.limit;
  }

  get(fd: number): File | null {
    return this.#files[fd] ?? null;
  }

  /** Frees the number and returns what it stood for; null when it was free. */
  remove(fd: number): File | null {
    const file = this.get(fd);
    if (file === null) return null;
    this.#files[fd] = null;
    this.size--;
    if (fd < this.#lowest) this.#lowest = fd;
    return file;
  }

  /** Closes all. */
  closeAll(): void {
    for (let fd = 0; fd < this.#files.length; fd++) this.remove(fd)?.close();
  }
}
