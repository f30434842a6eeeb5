import type { Address, Arena } from '@stack/memory';
import { ip, tcp as th, type SkBuff } from '@stack/skb';
import { Md5, MD5_LENGTH } from './digest.ts';

/** Bytes of the option with its padding. @kernel include/net/tcp.h TCPOLEN_MD5SIG_ALIGNED */
export const MD5_OPTION = 20;
const NOP = 1;
const TCPOPT_MD5SIG = 19;
const OPTION_LENGTH = 18;
const IPPROTO_TCP = 6;

const md5 = new Md5();
const found = new Uint8Array(MD5_LENGTH);
const NO_CHECKSUM = new Uint8Array(2);

/** Writes the option with an empty digest, which {@link tcpMd5Sign} fills in. */
export function writeMd5Option(view: DataView, to: Address): void {
  view.setInt32(to, (NOP << 24) | (NOP << 16) | (TCPOPT_MD5SIG << 8) | OPTION_LENGTH);
  for (let i = 4; i < MD5_OPTION; i += 4) view.setInt32(to + i, 0);
}

/** Signs a segment whose header begins at `skb.transportHeader`, and is the first of its data. The option comes first. */
export function tcpMd5Sign(skb: SkBuff, saddr: number, daddr: number, key: Uint8Array): void {
  tcpV4Md5HashSkb(skb, saddr, daddr, key, skb.arena.u8, skb.transportHeader + th.LENGTH + 4);
}

/** Pseudo-header, header without options and checksum, data, key. @kernel net/ipv4/tcp_ipv4.c tcp_v4_md5_hash_skb() @rfc 2385 2.0 */
function tcpV4Md5HashSkb(
  skb: SkBuff,
  saddr: number,
  daddr: number,
  key: Uint8Array,
  into: Uint8Array,
  at: number,
): void {
  const { arena, transportHeader } = skb;
  md5.begin();
  md5.word(saddr);
  md5.word(daddr);
  md5.word((IPPROTO_TCP << 16) | skb.len);
  md5.update(arena.u8, transportHeader, 16);
  md5.update(NO_CHECKSUM, 0, 2);
  md5.update(arena.u8, transportHeader + 18, 2);
  const header = th.headerLength(skb);
  md5.update(arena.u8, skb.data + header, skb.headlen - header);
  hashFrags(arena, skb);
  md5.update(key, 0, key.length);
  md5.end(into, at);
}

/** @kernel net/ipv4/tcp.c tcp_md5_hash_skb_data() */
function hashFrags(arena: Arena, skb: SkBuff): void {
  const { shinfo } = skb;
  for (let i = 0; i < shinfo.nrFrags; i++) md5.update(arena.u8, shinfo.fragAddress(i), shinfo.fragSize[i]);
  for (let part = shinfo.fragList; part !== null; part = part.next) {
    md5.update(arena.u8, part.data, part.headlen);
    hashFrags(arena, part);
  }
}

/** Where the digest is in the header of a segment, 0 if there is none. @kernel net/ipv4/tcp_input.c tcp_do_parse_auth_options() */
export function digestIn(skb: SkBuff): Address {
  const { u8 } = skb.arena;
  const end = skb.transportHeader + th.headerLength(skb);
  for (let at = skb.transportHeader + th.LENGTH; at < end && u8[at] !== 0;) {
    if (u8[at] === NOP) {
      at++;
      continue;
    }
    const size = at + 1 < end ? u8[at + 1] : 0;
    if (size < 2 || at + size > end) return 0;
    if (u8[at] === TCPOPT_MD5SIG && size === OPTION_LENGTH) return at + 2;
    at += size;
  }
  return 0;
}

/** Whether the digest at `at` is that of the segment received. */
export function digestIsRight(skb: SkBuff, at: Address, key: Uint8Array): boolean {
  tcpV4Md5HashSkb(skb, ip.saddr(skb), ip.daddr(skb), key, found, 0);
  let difference = 0;
  for (let i = 0; i < MD5_LENGTH; i++) difference |= found[i] ^ skb.arena.u8[at + i];
  return difference === 0;
}
