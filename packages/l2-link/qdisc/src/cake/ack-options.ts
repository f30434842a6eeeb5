import { tcp, type SkBuff } from '@stack/skb';

const END = 0;
const NOP = 1;
const SACK = 5;
const TIMESTAMP = 8;
const TIMESTAMP_LENGTH = 10;
const MD5 = 19;
/** Of a SACK block, and of what precedes the blocks. */
const BLOCK = 8;
const PREFIX = 2;

/** Where an option begins, as an index into the arena; 0 when the packet has none of the kind. */
function findOption(skb: SkBuff, wanted: number): number {
  const { u8 } = skb.arena;
  const end = skb.transportHeader + tcp.headerLength(skb);
  for (let at = skb.transportHeader + tcp.LENGTH; at < end; at += stepFrom(skb, at, end)) {
    if (u8[at] === wanted) return at;
    if (u8[at] === END) return 0;
  }
  return 0;
}

/** Bytes of the option at `at`; to the end when it is broken. */
function stepFrom(skb: SkBuff, at: number, end: number): number {
  const { u8 } = skb.arena;
  if (u8[at] === NOP) return 1;
  const length = at + 1 < end ? u8[at + 1] : 0;
  return length < 2 || at + length > end ? end - at : length;
}

/**
 * Whether nothing in the options of an acknowledgement keeps it: those that are not known do, and so does a timestamp that is
 * later than the newer packet's.
 *
 * @kernel net/sched/sch_cake.c cake_tcph_may_drop()
 */
export function optionsAllow(skb: SkBuff, newer: SkBuff): boolean {
  const { u8 } = skb.arena;
  const end = skb.transportHeader + tcp.headerLength(skb);
  for (let at = skb.transportHeader + tcp.LENGTH; at < end && u8[at] !== END; at += stepFrom(skb, at, end)) {
    const kind = u8[at];
    if (kind === TIMESTAMP) {
      if (u8[at + 1] !== TIMESTAMP_LENGTH || !isOlder(skb, at, newer)) return false;
    } else if (kind !== NOP && kind !== SACK && kind !== MD5) {
      return false;
    }
  }
  return true;
}

/** Neither of the two times may have gone back. */
function isOlder(skb: SkBuff, at: number, newer: SkBuff): boolean {
  const other = findOption(newer, TIMESTAMP);
  if (other === 0) return false;
  const [one, two] = [skb.arena.view, newer.arena.view];
  const value = (two.getInt32(other + 2) - one.getInt32(at + 2)) | 0;
  const echo = (two.getInt32(other + 6) - one.getInt32(at + 6)) | 0;
  return value >= 0 && echo >= 0;
}

/**
 * Above 0 when the newer packet has all SACK blocks of the older one and more, 0 when it has the same, below 0 when the older
 * one tells something that the newer one does not. A duplicate SACK is never repeated.
 *
 * @kernel net/sched/sch_cake.c cake_tcph_sack_compare()
 */
export function sackCompare(skb: SkBuff, newer: SkBuff): number {
  const [one, two] = [findOption(skb, SACK), findOption(newer, SACK)];
  const blocks = blocksAt(skb, one);
  const others = blocksAt(newer, two);
  let bytes = 0;
  for (let i = 0; i < blocks; i++) {
    const start = edge(skb, one, i, 0);
    const end = edge(skb, one, i, 4);
    if (((start - tcp.ackSeq(skb)) | 0) < 0 || !covered(newer, two, others, start, end)) return -1;
    bytes -= (end - start) | 0;
  }
  for (let i = 0; i < others; i++) bytes += (edge(newer, two, i, 4) - edge(newer, two, i, 0)) | 0;
  return bytes > 0 ? 1 : 0;
}

function blocksAt(skb: SkBuff, option: number): number {
  return option === 0 ? 0 : Math.floor((skb.arena.u8[option + 1] - PREFIX) / BLOCK);
}

function edge(skb: SkBuff, option: number, block: number, offset: number): number {
  return skb.arena.view.getInt32(option + PREFIX + block * BLOCK + offset);
}

function covered(skb: SkBuff, option: number, blocks: number, start: number, end: number): boolean {
  for (let i = 0; i < blocks; i++) {
    const before = (start - edge(skb, option, i, 0)) | 0;
    const after = (edge(skb, option, i, 4) - end) | 0;
    if (before >= 0 && after >= 0) return true;
  }
  return false;
}
