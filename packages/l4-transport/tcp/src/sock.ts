import type { Rtable } from '@stack/ipv4';
import { SkbQueue, type SkBuff } from '@stack/skb';
import {
  errorQueueOf,
  skbTstampTx,
  WOKEN_BY_SPACE,
  SOCK_STREAM,
  Sock,
  TCP_CLOSE,
  TCP_LISTEN,
  skStreamIsWriteable,
  skStreamWspace,
  type Proto,
  type ProtoMemory,
} from '@stack/sock';
import { TCP_DEFERRED_ALL } from './constants.ts';
import type { CongestionOps } from './congestion/ops.ts';
import { Extras } from './extras.ts';
import { PacingState } from './pacing/pacing-state.ts';
import type { TcpProtocol } from './protocol.ts';
import { TcpSettings } from './settings.ts';
import {
  AckState,
  CongestionState,
  LossState,
  OptionState,
  RateState,
  ReceiveRtt,
  ReceiveState,
  RttState,
  DisorderState,
  SendState,
} from './state.ts';
import type { SockTimer } from './timers/sock-timer.ts';

const IPPROTO_TCP = 6;
const UNSET = /* @__PURE__ */ new TcpSettings();
const NOTHING_LOST = /* @__PURE__ */ Object.freeze(/* @__PURE__ */ new LossState());

/**
 * A connection, or a listener. State only: behaviour is in functions, in folders by role.
 *
 * @kernel include/linux/tcp.h struct tcp_sock
 */
export class TcpSock extends Sock {
  declare settings: TcpSettings;
  readonly tcp: TcpProtocol;
  readonly snd = new SendState();
  readonly rcv = new ReceiveState();
  readonly ack = new AckState();
  readonly rtt = new RttState();
  readonly cc: CongestionState;
  readonly opt = new OptionState();
  #writeQueue: SkbQueue | null = null;
  #loss: LossState | null = null;
  #rcvRtt: ReceiveRtt | null = null;
  #extras: Extras | null = null;
  /** Made when the first segment comes out of order. */
  disorder: DisorderState | null = null;

  /** Header prediction: what bytes 12 to 15 of a segment must be; 0 when the slow path is due. */
  predFlags = 0;
  /** TSQ_* and *_DEFERRED bits. */
  deferred = 0;
  tsqNext: TcpSock | null = null;
  /** No room when last tried: a writer waits. */
  noSpace = false;

  // Timers, made when first armed. `pendingTimer` is an ICSK_TIME_*.
  pendingTimer = 0;
  rexmitTimer: SockTimer | null = null;
  delackTimer: SockTimer | null = null;
  probesOut = 0;
  /** When something was received last, in jiffies. */
  rcvTstamp = 0;
  /** When zero-window probing began, in jiffies of 1 ms; 0: it has not. */
  probesTstamp = 0;

  /** The peer closed its side. */
  done = false;
  /** Counted in `tcp.orphans`. */
  orphaned = false;

  /** The route that the last packet came by, and its device: for early demux. */
  rxDst: Rtable | null = null;
  rxDstIfindex = 0;

  constructor(tcp: TcpProtocol, congestion: CongestionOps) {
    super(UNSET, tcp.sysctl.tcp_rmem[1], tcp.sysctl.tcp_wmem[1]);
    this.tcp = tcp;
    this.cc = new CongestionState(congestion);
  }

  /** Not sent yet. Made with the first write. */
  get writeQueue(): SkbQueue {
    return (this.#writeQueue ??= new SkbQueue());
  }

  get hasUnsent(): boolean {
    return this.#writeQueue !== null && !this.#writeQueue.empty;
  }

  /** Data waits for what is missing before it. */
  get hasHoles(): boolean {
    return this.disorder !== null && !this.disorder.ofo.empty;
  }

  /** Sent and not acknowledged. */
  get rtxQueue(): SkbQueue {
    return this.loss.rtxQueue;
  }

  /** Made with the first segment in flight: a connection that only listens to its peer has none. */
  get loss(): LossState {
    return (this.#loss ??= new LossState());
  }

  /** As {@link loss}, to be read only: asking makes nothing. */
  get lossSeen(): Readonly<LossState> {
    return this.#loss ?? NOTHING_LOST;
  }

  /** As {@link loss}. */
  get rate(): RateState {
    return this.loss.rate;
  }

  /** Made with the first data received. */
  get rcvRtt(): ReceiveRtt {
    return (this.#rcvRtt ??= new ReceiveRtt());
  }

  get ecn(): Extras['ecn'] {
    return this.#extras === null ? null : this.#extras.ecn;
  }

  set ecn(value: Extras['ecn']) {
    if (this.#extras !== null || value !== null) (this.#extras ??= new Extras()).ecn = value;
  }

  get pacing(): Extras['pacing'] {
    return this.#extras === null ? null : this.#extras.pacing;
  }

  set pacing(value: Extras['pacing']) {
    if (this.#extras !== null || value !== null) (this.#extras ??= new Extras()).pacing = value;
  }

  get fastOpen(): Extras['fastOpen'] {
    return this.#extras === null ? null : this.#extras.fastOpen;
  }

  set fastOpen(value: Extras['fastOpen']) {
    if (this.#extras !== null || value !== null) (this.#extras ??= new Extras()).fastOpen = value;
  }

  get urgent(): Extras['urgent'] {
    return this.#extras === null ? null : this.#extras.urgent;
  }

  set urgent(value: Extras['urgent']) {
    if (this.#extras !== null || value !== null) (this.#extras ??= new Extras()).urgent = value;
  }

  get mtup(): Extras['mtup'] {
    return this.#extras === null ? null : this.#extras.mtup;
  }

  set mtup(value: Extras['mtup']) {
    if (this.#extras !== null || value !== null) (this.#extras ??= new Extras()).mtup = value;
  }

  get requests(): Extras['requests'] {
    return this.#extras === null ? null : this.#extras.requests;
  }

  set requests(value: Extras['requests']) {
    if (this.#extras !== null || value !== null) (this.#extras ??= new Extras()).requests = value;
  }

  get keepTimer(): Extras['keepTimer'] {
    return this.#extras === null ? null : this.#extras.keepTimer;
  }

  set keepTimer(value: Extras['keepTimer']) {
    if (this.#extras !== null || value !== null) (this.#extras ??= new Extras()).keepTimer = value;
  }

  /** Nothing is in flight and nothing lost: what was noted of it is forgotten. */
  forgetFlight(): void {
    this.#loss = null;
    this.#rcvRtt = null;
    if (!this.hasUnsent) this.#writeQueue = null;
    if (this.rexmitTimer?.pending === false) this.rexmitTimer = null;
  }

  get proto(): Proto {
    return this.tcp.proto;
  }

  get type(): number {
    return SOCK_STREAM;
  }

  get protocol(): number {
    return IPPROTO_TCP;
  }

  get memory(): ProtoMemory {
    return this.tcp.memory;
  }

  /** A discipline on the way holds packets until `skb.tstamp`: our timer need not. @kernel net/sched/sch_fq.c fq_classify() */
  paceInQdisc(): void {
    this.pacing ??= new PacingState(true);
    this.pacing.byQdisc = true;
  }

  /** @kernel net/core/sock.c sock_set_timestamping() */
  override firstStampKey(fromWritten: boolean): number | null {
    if (this.state === TCP_CLOSE || this.state === TCP_LISTEN) return null;
    return fromWritten ? this.snd.writeSeq : this.snd.una;
  }

  tstampTx(skb: SkBuff, which: number): void {
    skbTstampTx(this, skb, which, skb.shinfo.tskey - errorQueueOf(this).stampKey, this.tcp.clock.now());
  }

  override backlogRcv(skb: SkBuff): void {
    this.tcp.handlers.doRcv(this, skb);
  }

  override releaseCb(): void {
    if ((this.deferred & TCP_DEFERRED_ALL) !== 0) this.tcp.handlers.releaseCb(this);
  }

  /** Tells a writer only when a third of the buffer is free. @kernel net/core/stream.c sk_stream_write_space() */
  override writeSpace(): void {
    if (!skStreamIsWriteable(this) || skStreamWspace(this) <= 0 || !this.tcp.handlers.streamMemoryFree(this, true))
      return;
    this.noSpace = false;
    this.wake(WOKEN_BY_SPACE);
  }
}
