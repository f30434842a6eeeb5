import { EAGAIN } from '@stack/plugin';
import { MSG_MORE } from '@stack/sock';
import type { SocketFile } from '@stack/socket';

/** What one write of the stream brought, on its way into the send buffer. */
export class Outgoing {
  /** Bytes that the stack has not taken yet. */
  left = 0;
  readonly done: (error?: Error | null) => void;
  readonly #chunks: Uint8Array[];
  #chunk = 0;
  #offset = 0;

  constructor(chunks: Uint8Array[], done: (error?: Error | null) => void) {
    this.#chunks = chunks;
    this.done = done;
    for (const chunk of chunks) this.left += chunk.length;
  }

  /** Hands over as much as the send buffer takes. 0 when that is all, `-EAGAIN` when some is left, or another errno. */
  send(file: SocketFile): number {
    while (this.#chunk < this.#chunks.length) {
      const chunk = this.#chunks[this.#chunk];
      const more = this.#chunk < this.#chunks.length - 1 ? MSG_MORE : 0;
      const length = chunk.length - this.#offset;
      const sent = length === 0 ? 0 : file.send(chunk, this.#offset, length, more);
      if (sent < 0) return sent;
      this.left -= sent;
      this.#offset += sent;
      if (sent < length) return -EAGAIN;
      this.#chunk++;
      this.#offset = 0;
    }
    return 0;
  }
}
