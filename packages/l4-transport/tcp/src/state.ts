import { TCP_INFINITE_SSTHRESH, TCP_INIT_CWND, TCP_MSS_DEFAULT, TCP_TIMEOUT_INIT } from './constants.ts';
import { SkbQueue, type SkBuff } from '@stack/skb';
import type { Hrtimer } from '@stack/softirq';
import type { CongestionOps } from './congestion/ops.ts';
import type { SackCache } from './recovery/sack-cache.ts';

/** The sending side. Sequence numbers are int32. @rfc 9293 3.3.1 */
export class SendState {
  /** First byte not acknowledged, next to send, and one past the last byte written by the user. */
  una = 0;
  nxt = 0;
  writeSeq = 0;
  /** What the peer lets us send, in bytes from `una`, and the segment that said so. */
  wnd = 0;
  wl1 = 0;
  /** Largest window ever seen. */
  maxWnd = 0;
  wscale = 0;
  /** End of the last small segment, for Nagle's rule as Minshall mended it. */
  sml = 0;
  /** Last byte marked with PSH. */
  pushedSeq = 0;
  /** Path MTU in use and the payload of a full segment; largest header with options of every segment. */
  pmtu = 0;
  mss = TCP_MSS_DEFAULT;
  headerLen = 20;
  /** Bytes of a GSO packet at most. */
  gsoMaxSize = 0;
  /** Segments in flight, counted from the retransmission queue. */
  packetsOut = 0;
  /** TCP_NAGLE_* bits. */
  nonagle = 0;
  /** When data was sent last, in jiffies. */
  lsndtime = 0;
  /** The same for any segment, in microseconds. */
  lastTxUs = 0;
  bytesAcked = 0;
  segsOut = 0;
}

/** The receiving side. @rfc 9293 3.3.1 */
export class ReceiveState {
  /** Next byte expected, `nxt` when the window was last advertised, and the first byte the user has not read. */
  nxt = 0;
  wup = 0;
  copiedSeq = 0;
  /** Window advertised, in bytes from `wup`; may never shrink below what was promised. */
  wnd = 0;
  wscale = 0;
  /** Window that memory could bear now, and at most. */
  ssthresh = 0;
  windowClamp = 0;
  /** 256ths of `truesize` that are payload. */
  scalingRatio = 128;
  /** Guess of the peer's segment size. */
  mss = 0;
  advmss = 0;
  /** The user reads this much in a round trip, as of when: for autotuning. */
  spaceSpace = 0;
  spaceSeq = 0;
  spaceUs = 0;
  bytesReceived = 0;
  segsIn = 0;
  dataSegsIn = 0;
}

/** The round trip as a receiver sees it, in microseconds, eightfold; 0 until measured. @kernel include/linux/tcp.h rcv_rtt_est */
export class ReceiveRtt {
  us = 0;
  /** The window being measured ends here, and began then. */
  seq = 0;
  timeUs = 0;
  /** The last echo that was used. */
  lastTsecr = 0;
}

/** When to acknowledge. Times in jiffies. @kernel include/net/inet_connection_sock.h icsk_ack */
export class AckState {
  /** ICSK_ACK_* bits. */
  pending = 0;
  /** ACKs that go out at once, and whether the application answers what it reads. */
  quick = 0;
  pingpong = 0;
  retry = 0;
  ato = 0;
  lrcvtime = 0;
  lastSegSize = 0;
}

/** Round-trip time, in microseconds (`srtt` eightfold, the deviations fourfold), and what follows from it. @rfc 6298 */
export class RttState {
  srtt = 0;
  mdev = TCP_TIMEOUT_INIT * 1000;
  mdevMax = 0;
  rttvar = TCP_TIMEOUT_INIT * 1000;
  seq = 0;
  /** Jiffies. */
  rto = TCP_TIMEOUT_INIT;
  backoff = 0;
  retransmits = 0;
  /** Windowed minimum: three best samples and their times (jiffies). @kernel lib/win_minmax.c */
  min0 = 0x7fffffff;
  min1 = 0x7fffffff;
  min2 = 0x7fffffff;
  min0At = 0;
  min1At = 0;
  min2At = 0;
}

/** The congestion window. Counts are in segments. @rfc 5681 */
export class CongestionState {
  ops: CongestionOps;
  /** The algorithm's own variables; it makes them when it needs them. */
  priv: object | null = null;
  /** TCP_CA_*. */
  state = 0;
  cwnd = TCP_INIT_CWND;
  cwndCnt = 0;
  cwndStamp = 0;
  ssthresh = TCP_INFINITE_SSTHRESH;
  reordering = 3;
  delivered = 0;
  totalRetrans = 0;
  /** Bytes a second; 0 until measured. */
  pacingRate = 0;

  constructor(ops: CongestionOps) {
    this.ops = ops;
  }
}

/** How fast data is delivered, and what limits it. Counts are in segments. @kernel net/ipv4/tcp_rate.c */
export class RateState {
  /** `delivered` up to which the application was the limit; 0: it is not. */
  appLimited = 0;
  /** Of the sample being taken, in microseconds; and the last one taken. */
  firstTxUs = 0;
  deliveredUs = 0;
  rateDelivered = 0;
  rateIntervalUs = 0;
  /** The application was the limit of that sample. */
  rateAppLimited = true;
  /** Whether the window was the limit, for its validation; and up to where the flight counts. */
  maxPacketsOut = 0;
  cwndUsageSeq = 0;
  isCwndLimited = false;
  cwndUsed = 0;
  /** Segments of a GSO packet at most, for `sizeGoal`. */
  gsoSegs = 0;
  bytesSent = 0;
  dataSegsOut = 0;
  // What the sender waited for: see stats/chrono.ts. Jiffies.
  chrono = 0;
  chronoSince = 0;
  busyTime = 0;
  rwndLimited = 0;
  sndbufLimited = 0;
}

/** What is thought to be lost, and the recovery from it. Counts are in segments. @rfc 6675 @rfc 8985 */
export class LossState {
  /** Sent and not acknowledged, by sequence number. */
  readonly rtxQueue = new SkbQueue();
  retransOut = 0;
  lostOut = 0;
  sackedOut = 0;
  lost = 0;
  /** End of the highest segment SACKed; holds while there is one. */
  highSackSeq = 0;
  /** Where the last retransmission stopped; the SACK scoreboard's last place. Null: begin at the front. */
  retransmitHint: SkBuff | null = null;
  sackHint: SkBuff | null = null;
  sackCache: SackCache | null = null;
  /** End of the data in flight when the state was entered. */
  highSeq = 0;
  // Reduction of the window, and its undoing.
  priorSsthresh = 0;
  priorCwnd = 0;
  prrDelivered = 0;
  prrOut = 0;
  undoMarker = 0;
  undoRetrans = 0;
  /** When the first of a series of retransmissions was sent, in ms of the time stamp clock; 0: none. */
  retransStamp = 0;
  retransPending = false;
  /** When SYN was sent (ms of the time stamp clock), and SYN-ACK (microseconds; 0: no sample). */
  synSentMs = 0;
  synackSentUs = 0;
  reordSeen = 0;
  dsackDups = 0;
  bytesRetrans = 0;
  /** Path MTU that a router told of, until the socket can heed it. */
  mtuInfo = 0;
  /** Time-outs, series of them, how long those took, and since when the present one lasts (0: none); milliseconds. */
  totalRto = 0;
  totalRtoRecoveries = 0;
  totalRtoTime = 0;
  rtoSince = 0;
  /** Hash for other paths than the first, that failed; 0: what the addresses give. And how often there was another. */
  txHash = 0;
  timeoutRehash = 0;
  /** Loss probe in flight: `snd.nxt` when it was sent. */
  tlpHighSeq = 0;
  tlpRetrans = false;
  /** F-RTO is deciding whether a time-out was spurious. */
  frto = false;
  // RACK. @rfc 8985 6.2
  rackUs = 0;
  rackRttUs = 0;
  rackEndSeq = 0;
  rackLastDelivered = 0;
  rackReoWndSteps = 1;
  rackReoWndPersist = 0;
  rackDsackSeen = false;
  rackAdvanced = false;
  readonly rate = new RateState();
}

/** Options of the connection. @kernel include/linux/tcp.h struct tcp_options_received */
export class OptionState {
  /** Time stamps. */
  tstampOk = false;
  tsRecent = 0;
  /** Second at which `tsRecent` was taken, 0: never. */
  tsRecentStamp = 0;
  /** Added to the clock to make ours. */
  tsOffset = 0;
  /** TCP_*SACK_SEEN bits; 0: not negotiated. */
  sackOk = 0;
  wscaleOk = false;
  /** What the peer accepts. */
  mssClamp = 0;
}

/** What came out of order or out of window, and what we tell the peer of it. @rfc 2018 @rfc 2883 */
export class DisorderState {
  /** By sequence number. */
  readonly ofo = new SkbQueue();
  /** Up to four blocks, the latest first: start and end alternate. */
  readonly blocks = new Int32Array(8);
  count = 0;
  dsack = false;
  dsackStart = 0;
  dsackEnd = 0;
  /** ACKs held back, for which `rcv.nxt`, and after how many that were not; the timer sends what is owed. */
  compressed = 0;
  compressedRcvNxt = 0;
  dupCounter = 0;
  compTimer: Hrtimer | null = null;
  /** When an ACK for a segment out of window was sent last. */
  lastOowTime = 0;
  /** Segments that came out of order. */
  rcvOooPack = 0;
}
