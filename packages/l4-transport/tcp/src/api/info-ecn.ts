import { accurateOf } from '../ecn/accurate-state.ts';
import { INET_ECN_CE, INET_ECN_ECT_0, INET_ECN_ECT_1 } from '../ecn/codepoints.ts';
import type { TcpSock } from '../sock.ts';

/** Congestion marks, and bytes by ECN field where the feedback is accurate. */
export function accurateInfo(sk: TcpSock) {
  const accurate = accurateOf(sk);
  return {
    deliveredCe: sk.ecn === null ? 0 : sk.ecn.deliveredCe,
    receivedCe: accurate === null ? 0 : accurate.receivedCe,
    deliveredE1Bytes: accurate === null ? 0 : accurate.delivered[INET_ECN_ECT_1 - 1],
    deliveredE0Bytes: accurate === null ? 0 : accurate.delivered[INET_ECN_ECT_0 - 1],
    deliveredCeBytes: accurate === null ? 0 : accurate.delivered[INET_ECN_CE - 1],
    receivedE1Bytes: accurate === null ? 0 : accurate.received[INET_ECN_ECT_1 - 1],
    receivedE0Bytes: accurate === null ? 0 : accurate.received[INET_ECN_ECT_0 - 1],
    receivedCeBytes: accurate === null ? 0 : accurate.received[INET_ECN_CE - 1],
    accecnFailMode: accurate === null ? 0 : accurate.fail,
    accecnOptSeen: accurate === null ? 0 : accurate.optionSeen,
  };
}
