const MIN = 4;
const MAX = 16;

/** A cookie of Fast Open as an option carries it, and as the cache keeps it. @kernel include/net/tcp.h struct tcp_fastopen_cookie @rfc 7413 4.1.1 */
export class FastOpenCookie {
  readonly bytes = new Uint8Array(MAX);
  /** Bytes of it; 0 asks for one, -1: no option. */
  length = -1;
  /** In the experimental option 254 instead of 34. */
  experimental = false;

  clear(): void {
    this.length = -1;
    this.experimental = false;
  }

  copyFrom(other: FastOpenCookie): void {
    this.bytes.set(other.bytes);
    this.length = other.length;
    this.experimental = other.experimental;
  }

  /** Takes what the option holds; a length that no cookie has makes it none. @kernel net/ipv4/tcp_input.c tcp_parse_fastopen_option() */
  read(u8: Uint8Array, at: number, length: number, experimental: boolean): void {
    if (length < 0 || (length & 1) !== 0) return;
    const valid = length >= MIN && length <= MAX;
    if (valid) for (let i = 0; i < length; i++) this.bytes[i] = u8[at + i];
    this.length = valid || length === 0 ? length : -1;
    this.experimental = experimental;
  }

  equals(other: FastOpenCookie): boolean {
    if (this.length !== other.length) return false;
    let difference = 0;
    for (let i = 0; i < this.length; i++) difference |= this.bytes[i] ^ other.bytes[i];
    return difference === 0;
  }
}
