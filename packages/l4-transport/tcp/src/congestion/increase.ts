import type { TcpSock } from '../sock.ts';

/**
 * One segment more for each that was acknowledged, up to the threshold. Returns the acknowledgments left over.
 *
 * @kernel net/ipv4/tcp_cong.c tcp_slow_start()
 * @rfc 5681 3.1
 */
export function tcpSlowStart(sk: TcpSock, acked: number): number {
  const { cc } = sk;
  const cwnd = Math.min(cc.cwnd + acked, cc.ssthresh);
  const left = acked - (cwnd - cc.cwnd);
  cc.cwnd = cwnd;
  return left;
}

/**
 * One segment more for every `per` acknowledged: additive increase.
 *
 * @kernel net/ipv4/tcp_cong.c tcp_cong_avoid_ai()
 */
export function tcpCongAvoidAi(sk: TcpSock, per: number, acked: number): void {
  const { cc } = sk;
  if (cc.cwndCnt >= per) {
    cc.cwndCnt = 0;
    cc.cwnd++;
  }
  cc.cwndCnt += acked;
  if (cc.cwndCnt >= per) {
    const more = Math.floor(cc.cwndCnt / per);
    cc.cwndCnt -= more * per;
    cc.cwnd += more;
  }
}
