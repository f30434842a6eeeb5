import { tcp as th, type SkBuff } from '@stack/skb';
import { FLAGS, TX_MS } from '../cb.ts';
import { MAX_TCP_OPTION_SPACE } from '../constants.ts';
import { synackAccecnSize } from '../ecn/accurate-option.ts';
import { accurateOf } from '../ecn/accurate-state.ts';
import { fastopenOptionSize } from '../fastopen/option.ts';
import type { FastOpenState } from '../fastopen/state.ts';
import { tcpMd5Lookup } from '../md5/keys.ts';
import { MD5_OPTION } from '../md5/sign.ts';
import type { TcpSock } from '../sock.ts';
import { tcpAdvertiseMss } from './mss.ts';
import { OPTION_SACK_ADVERTISE, OPTION_TS, OPTION_WSCALE, type OutOptions } from './out-options.ts';

/**
 * Options of our SYN: what we offer. Returns their size in bytes.
 *
 * @kernel net/ipv4/tcp_output.c tcp_syn_options() @rfc 9293 3.2 @rfc 7323 2.2
 */
export function tcpSynOptions(sk: TcpSock, skb: SkBuff, out: OutOptions): number {
  const { sysctl } = sk.tcp;
  out.clear();
  out.mss = tcpAdvertiseMss(sk);
  let size = 4;
  out.md5Key = tcpMd5Lookup(sk, sk.daddr);
  if (out.md5Key !== null) size += MD5_OPTION;
  const stamped = sysctl.tcp_timestamps && out.md5Key === null; // there is no room for both and the rest
  if (stamped) {
    out.bits |= OPTION_TS;
    out.tsval = (skb.cb[TX_MS] + sk.opt.tsOffset) | 0;
    out.tsecr = sk.opt.tsRecent;
    size += 12;
  }
  if (sysctl.tcp_window_scaling) {
    out.bits |= OPTION_WSCALE;
    out.wscale = sk.rcv.wscale;
    size += 4;
  }
  if (sysctl.tcp_sack) {
    out.bits |= OPTION_SACK_ADVERTISE;
    if (!stamped) size += 4; // else it takes the place of the padding of the time stamp
  }
  const answers = (skb.cb[FLAGS] & th.ACK) !== 0 && accurateOf(sk) !== null && sk.rtt.retransmits < 2;
  if (answers && sysctl.tcp_ecn_option !== 0) size += synackAccecnSize(out, MAX_TCP_OPTION_SPACE - size);
  return sk.fastOpen === null ? size : size + fastopenOption(sk.fastOpen, out, size);
}

/** The cookie, or the question for one: of the first SYN only. */
function fastopenOption(state: FastOpenState, out: OutOptions, used: number): number {
  const cookie = state.active === null ? null : state.active.cookie;
  const size = fastopenOptionSize(out, cookie, used);
  if (size > 0) {
    state.synOption = true;
    state.synExperimental = cookie!.experimental;
  }
  return size;
}
