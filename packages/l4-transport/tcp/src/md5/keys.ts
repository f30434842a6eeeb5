import { EINVAL, ENOENT } from '@stack/plugin';
import type { TcpSock } from '../sock.ts';

const AF_INET = 2;
const MAX_KEY = 80;
const FLAG_PREFIX = 1;
/** Where the fields of the structure are; sockaddr_storage comes first. @kernel include/uapi/linux/tcp.h struct tcp_md5sig */
const FLAGS = 128;
const PREFIX = 129;
const KEY_LENGTH = 130;
const KEY = 136;
const SIZE = KEY + MAX_KEY;

/** A secret shared with one peer, or all of a network. Never changed. @kernel include/net/tcp.h struct tcp_md5sig_key */
export interface Md5Key {
  /** int32, without the bits of the host. */
  readonly address: number;
  readonly prefix: number;
  readonly key: Uint8Array;
}

/** What `setsockopt(TCP_MD5SIG)` takes (with a prefix, TCP_MD5SIG_EXT): an address, int32, and its key; an empty one forgets it. */
export function tcpMd5sig(address: number, key: Uint8Array, prefix = 32): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_INET, true);
  view.setInt32(4, address);
  bytes[FLAGS] = prefix === 32 ? 0 : FLAG_PREFIX;
  bytes[PREFIX] = prefix;
  view.setUint16(KEY_LENGTH, key.length, true);
  bytes.set(key.subarray(0, MAX_KEY), KEY);
  return bytes;
}

/** Adds, replaces or forgets a key. 0, -EINVAL, or -ENOENT. @kernel net/ipv4/tcp_ipv4.c tcp_v4_parse_md5_keys() */
export function setMd5Key(sk: TcpSock, value: number | Uint8Array, extended: boolean): number {
  if (typeof value === 'number' || value.length < SIZE) return -EINVAL;
  const view = new DataView(value.buffer, value.byteOffset, SIZE);
  const length = view.getUint16(KEY_LENGTH, true);
  const prefix = extended && (value[FLAGS] & FLAG_PREFIX) !== 0 ? value[PREFIX] : 32;
  if (view.getUint16(0, true) !== AF_INET || length > MAX_KEY || prefix > 32) return -EINVAL;
  const address = view.getInt32(4) & maskOf(prefix);
  const known = sk.settings.md5Keys ?? [];
  const others = known.filter((key) => key.address !== address || key.prefix !== prefix);
  if (length === 0) {
    if (others.length === known.length) return -ENOENT;
    sk.change({ md5Keys: others.length === 0 ? null : others });
    return 0;
  }
  sk.change({ md5Keys: [...others, { address, prefix, key: value.slice(KEY, KEY + length) }].sort(byPrefix) });
  return 0;
}

/** The longest first: the first that fits is the right one. */
function byPrefix(a: Md5Key, b: Md5Key): number {
  return b.prefix - a.prefix;
}

function maskOf(prefix: number): number {
  return prefix === 0 ? 0 : -1 << (32 - prefix);
}

/** The key for a peer, null if none is shared. @kernel net/ipv4/tcp_ipv4.c __tcp_md5_do_lookup() */
export function tcpMd5Lookup(sk: TcpSock, address: number): Uint8Array | null {
  const { md5Keys } = sk.settings;
  if (md5Keys === null) return null;
  for (const known of md5Keys) if ((address & maskOf(known.prefix)) === known.address) return known.key;
  return null;
}
