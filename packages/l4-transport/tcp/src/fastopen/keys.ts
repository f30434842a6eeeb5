import type { Random } from '@stack/clock';
import type { TcpProtocol } from '../protocol.ts';
import type { TcpSock } from '../sock.ts';
import { FastOpenCookie } from './cookie.ts';
import { sipHash } from './siphash.ts';

export const KEY_LENGTH = 16;
const COOKIE_LENGTH = 8;

/** Keys of a server's cookies: it gives out those of the first, and for a while believes those of the second. @kernel include/net/tcp.h struct tcp_fastopen_context */
export class FastOpenKeys {
  readonly primary: Uint8Array;
  readonly backup: Uint8Array | null;

  constructor(primary: Uint8Array, backup: Uint8Array | null) {
    this.primary = primary.slice();
    this.backup = backup === null ? null : backup.slice();
  }

  /** @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_init_key_once() */
  static random(random: Random): FastOpenKeys {
    return new FastOpenKeys(
      Uint8Array.from({ length: KEY_LENGTH }, () => random.int32() & 0xff),
      null,
    );
  }

  /** One key or two behind each other; null for any other length. */
  static fromBytes(bytes: Uint8Array): FastOpenKeys | null {
    if (bytes.length === KEY_LENGTH) return new FastOpenKeys(bytes, null);
    if (bytes.length !== 2 * KEY_LENGTH) return null;
    return new FastOpenKeys(bytes.subarray(0, KEY_LENGTH), bytes.subarray(KEY_LENGTH));
  }

  /** From four words in hexadecimal, joined by dashes; a second key behind a comma. Null for what is none. @kernel net/ipv4/sysctl_net_ipv4.c proc_tcp_fastopen_key() */
  static fromText(text: string): FastOpenKeys | null {
    const keys = text.trim().split(',').map(keyFromText);
    if (keys.length > 2 || keys.includes(null)) return null;
    return new FastOpenKeys(keys[0]!, keys[1] ?? null);
  }

  toText(): string {
    return this.backup === null ? textOf(this.primary) : `${textOf(this.primary)},${textOf(this.backup)}`;
  }

  /** What a server with these keys gives a client. Addresses are int32. */
  cookieFor(client: number, server: number): Uint8Array {
    const cookie = new FastOpenCookie();
    tcpFastopenCookieGen(this.primary, client, server, cookie);
    return cookie.bytes.slice(0, cookie.length);
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.backup === null ? KEY_LENGTH : 2 * KEY_LENGTH);
    bytes.set(this.primary);
    if (this.backup !== null) bytes.set(this.backup, KEY_LENGTH);
    return bytes;
  }
}

function keyFromText(text: string): Uint8Array | null {
  const words = /^([0-9a-f]{1,8})-([0-9a-f]{1,8})-([0-9a-f]{1,8})-([0-9a-f]{1,8})$/i.exec(text.trim());
  if (words === null) return null;
  const key = new Uint8Array(KEY_LENGTH);
  const view = new DataView(key.buffer);
  for (let i = 0; i < 4; i++) view.setUint32(4 * i, parseInt(words[i + 1], 16), true);
  return key;
}

function textOf(key: Uint8Array): string {
  const view = new DataView(key.buffer);
  return [0, 4, 8, 12].map((at) => view.getUint32(at, true).toString(16).padStart(8, '0')).join('-');
}

function swapped(word: number): number {
  return ((word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24)) >>> 0;
}

/** The cookie for a client: a keyed hash of its address and ours, int32 each. @kernel net/ipv4/tcp_fastopen.c __tcp_fastopen_cookie_gen_cipher() @rfc 7413 4.1.2 */
export function tcpFastopenCookieGen(key: Uint8Array, client: number, server: number, into: FastOpenCookie): void {
  sipHash(key, swapped(client), swapped(server), into.bytes);
  into.length = COOKIE_LENGTH;
}

/** The listener's own keys, or the host's; made when first needed. @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_get_ctx() */
export function fastOpenKeys(sk: TcpSock): FastOpenKeys {
  return sk.settings.fastopenKeys ?? tcpFastopenInitKeyOnce(sk.tcp);
}

/** @kernel net/ipv4/tcp_fastopen.c tcp_fastopen_init_key_once() */
export function tcpFastopenInitKeyOnce(tcp: TcpProtocol): FastOpenKeys {
  return (tcp.fastOpenKeys ??= FastOpenKeys.random(tcp.random));
}
