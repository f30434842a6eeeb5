import type { Address } from '@stack/memory';
import { ACCECN1, ACCECN_BASE, ACCECN_FIELD, ECT_INIT_OFFSET } from '../ecn/accurate-option.ts';
import { INET_ECN_CE, INET_ECN_ECT_0, INET_ECN_ECT_1 } from '../ecn/codepoints.ts';
import { writeFastopenOption } from '../fastopen/option.ts';
import { MD5_OPTION, writeMd5Option } from '../md5/sign.ts';
import type { DisorderState } from '../state.ts';
import { OPTION_ACCECN, OPTION_SACK_ADVERTISE, OPTION_TS, OPTION_WSCALE, type OutOptions } from './out-options.ts';

const NOP = 1;
const MSS = 2;
const WINDOW = 3;
const SACK_PERM = 4;
const SACK = 5;
const TIMESTAMP = 8;
/** Two NOPs in front of an option that begins in the middle of a word. */
const PADDING = (NOP << 24) | (NOP << 16);

/**
 * Writes the options behind the header, in Linux's order: each begins at a word of four bytes.
 *
 * @kernel net/ipv4/tcp_output.c tcp_options_write() @rfc 9293 3.2
 */
export function tcpOptionsWrite(view: DataView, to: Address, out: OutOptions, sack: DisorderState | null): void {
  let at = to;
  if (out.md5Key !== null) {
    writeMd5Option(view, at);
    at += MD5_OPTION;
  }
  let padding = PADDING;
  if (out.mss !== 0) {
    view.setInt32(at, (MSS << 24) | (4 << 16) | out.mss);
    at += 4;
  }
  const { bits } = out;
  if ((bits & OPTION_TS) !== 0) {
    const lead = (bits & OPTION_SACK_ADVERTISE) !== 0 ? (SACK_PERM << 24) | (2 << 16) : (NOP << 24) | (NOP << 16);
    view.setInt32(at, lead | (TIMESTAMP << 8) | 10);
    view.setInt32(at + 4, out.tsval);
    view.setInt32(at + 8, out.tsecr);
    at += 12;
  }
  if ((bits & OPTION_ACCECN) !== 0) {
    padding = writeAccecn(view, at, out);
    at += ACCECN_WORDS[out.accecnFields];
  }
  if ((bits & (OPTION_SACK_ADVERTISE | OPTION_TS)) === OPTION_SACK_ADVERTISE) {
    view.setInt32(at, padding | (SACK_PERM << 8) | 2);
    padding = PADDING;
    at += 4;
  }
  if ((bits & OPTION_WSCALE) !== 0) {
    const fits = padding !== PADDING && ((padding >>> 16) & 0xff) === NOP;
    view.setInt32(at, (fits ? padding & (0xff << 24) : NOP << 24) | (WINDOW << 16) | (3 << 8) | out.wscale);
    if (fits) padding = PADDING;
    at += 4;
  }
  if (out.sackBlocks > 0 && sack !== null) {
    writeSack(view, at, out.sackBlocks, sack, padding);
  } else if (padding !== PADDING) {
    view.setInt32(at, padding | (NOP << 8) | NOP);
    at += 4;
  }
  if (out.fastOpen !== null) writeFastopenOption(view, at, out.fastOpen);
}

/** Bytes of the AccECN option in whole words, by its number of counters; up to two more go where others have padding. */
const ACCECN_WORDS = Uint8Array.of(0, 4, 8, 12);

/** Counters of ECT(1), CE and ECT(0). Returns the bytes that are left over, as the upper half of a word. @rfc 9768 3.2.3 */
function writeAccecn(view: DataView, at: Address, out: OutOptions): number {
  const { accecnFields: fields, ecnBytes } = out;
  const head = (ACCECN1 << 24) | ((ACCECN_BASE + ACCECN_FIELD * fields) << 16);
  if (fields === 0) return head;
  const e1b = ecnBytes[INET_ECN_ECT_1 - 1] + ECT_INIT_OFFSET;
  view.setInt32(at, head | ((e1b >>> 8) & 0xffff));
  if (fields === 1) return ((e1b & 0xff) << 24) | (NOP << 16);
  view.setInt32(at + 4, ((e1b & 0xff) << 24) | (ecnBytes[INET_ECN_CE - 1] & 0xffffff));
  if (fields === 3) view.setInt32(at + 8, ((ecnBytes[INET_ECN_ECT_0 - 1] + ECT_INIT_OFFSET) << 8) | NOP);
  return PADDING;
}

/** A DSACK comes first, and is said once. @rfc 2883 4 */
function writeSack(view: DataView, to: Address, count: number, sack: DisorderState, padding: number): void {
  view.setInt32(to, padding | (SACK << 8) | (2 + 8 * count));
  let at = to + 4;
  let left = count;
  if (sack.dsack) {
    view.setInt32(at, sack.dsackStart);
    view.setInt32(at + 4, sack.dsackEnd);
    at += 8;
    left--;
  }
  for (let i = 0; i < left; i++) {
    view.setInt32(at, sack.blocks[2 * i]);
    view.setInt32(at + 4, sack.blocks[2 * i + 1]);
    at += 8;
  }
  sack.dsack = false;
}
