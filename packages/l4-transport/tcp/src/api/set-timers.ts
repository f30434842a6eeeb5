import { EINVAL, ENOPROTOOPT } from '@stack/plugin';
import { TCP_ESTABLISHED } from '@stack/sock';
import { TCP_DELACK_MAX, TCP_TIMEOUT_MIN } from '../constants.ts';
import { tcpUpdatePacingRate } from '../input/cong-control.ts';
import { tcpSetRto } from '../rto.ts';
import type { TcpSock } from '../sock.ts';
import * as name from './option-names.ts';

/** Bounds of TCP_RTO_MAX_MS, and the most that TCP_RTO_MIN_US can say in jiffies. @kernel include/net/tcp.h TCP_RTO_MIN */
const RTO_MAX_LEAST = 1000;
const RTO_MAX_MOST = 120_000;
const RTO_MIN_MOST = 200;
/** Microseconds: a smoothed round trip holds eight times as much. */
const TX_DELAY_LIMIT = 2 ** 28;

/** Options about how long things take. 0, -EINVAL out of range, or -ENOPROTOOPT. */
export function setTimerOption(sk: TcpSock, option: number, value: number): number {
  const jiffies = Math.ceil(value / 1000);
  switch (option) {
    case name.TCP_RTO_MAX_MS:
      if (value < RTO_MAX_LEAST || value > RTO_MAX_MOST) return -EINVAL;
      sk.change({ rtoMax: value });
      return 0;
    case name.TCP_RTO_MIN_US:
      if (jiffies < TCP_TIMEOUT_MIN || jiffies > RTO_MIN_MOST) return -EINVAL;
      sk.change({ rtoMin: jiffies });
      return 0;
    case name.TCP_DELACK_MAX_US:
      if (jiffies < TCP_TIMEOUT_MIN || jiffies > TCP_DELACK_MAX) return -EINVAL;
      sk.change({ delackMax: jiffies });
      return 0;
    case name.TCP_TX_DELAY:
      return setTxDelay(sk, value);
    case name.TCP_THIN_LINEAR_TIMEOUTS:
      if (value !== 0 && value !== 1) return -EINVAL;
      sk.change({ thinTimeouts: value === 1 });
      return 0;
    case name.TCP_THIN_DUPACK: // since RACK, thin flows need no rule of their own
      return value === 0 || value === 1 ? 0 : -EINVAL;
    default:
      return -ENOPROTOOPT;
  }
}

/**
 * Every segment leaves so many microseconds later, which makes the round trip longer: what is known of it already follows
 * at once, lest segments be taken for lost that only wait.
 *
 * @kernel net/ipv4/tcp.c TCP_TX_DELAY
 */
function setTxDelay(sk: TcpSock, us: number): number {
  if (us < 0 || us >= TX_DELAY_LIMIT) return -EINVAL;
  const longer = us - sk.settings.txDelay / 1000;
  sk.change({ txDelay: us * 1000 });
  if (longer === 0 || sk.state !== TCP_ESTABLISHED) return 0;
  sk.rtt.srtt = Math.min(Math.max(sk.rtt.srtt + longer * 8, 1), 0xffffffff);
  tcpSetRto(sk);
  tcpUpdatePacingRate(sk);
  return 0;
}
