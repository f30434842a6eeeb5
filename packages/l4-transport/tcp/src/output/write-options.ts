import type { Address } from '@stack/memory';
import { writeFastopenOption } from '../fastopen/option.ts';
import { MD5_OPTION, writeMd5Option } from '../md5/sign.ts';
import type { DisorderState } from '../state.ts';
import { OPTION_SACK_ADVERTISE, OPTION_TS, OPTION_WSCALE, type OutOptions } from './out-options.ts';

const NOP = 1;
const MSS = 2;
const WINDOW = 3;
const SACK_PERM = 4;
const SACK = 5;
const TIMESTAMP = 8;

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
  } else if ((bits & OPTION_SACK_ADVERTISE) !== 0) {
    view.setInt32(at, (NOP << 24) | (NOP << 16) | (SACK_PERM << 8) | 2);
    at += 4;
  }
  if ((bits & OPTION_WSCALE) !== 0) {
    view.setInt32(at, (NOP << 24) | (WINDOW << 16) | (3 << 8) | out.wscale);
    at += 4;
  }
  if (out.fastOpen !== null) writeFastopenOption(view, at, out.fastOpen);
  if (out.sackBlocks > 0 && sack !== null) writeSack(view, at, out.sackBlocks, sack);
}

/** A DSACK comes first, and is said once. @rfc 2883 4 */
function writeSack(view: DataView, to: Address, count: number, sack: DisorderState): void {
  view.setInt32(to, (NOP << 24) | (NOP << 16) | (SACK << 8) | (2 + 8 * count));
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
