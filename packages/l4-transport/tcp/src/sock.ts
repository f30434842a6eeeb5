import type { Rtable } from '@stack/ipv4';
import { SkbQueue, type SkBuff } from '@stack/skb';
import {
  EPOLLOUT,
  SOCK_STREAM,
  Sock,
  skStreamIsWriteable,
  skStreamWspace,
  type Proto,
  type ProtoMemory,
} from '@stack/sock';
import type { Hrtimer } from '@stack/softirq';
import { TCP_DEFERRED_ALL } from './constants.ts';
import type { CongestionOps } from './congestion/ops.ts';
import type { RequestQueue } from './listen/request-queue.ts';
import type { TcpProtocol } from './protocol.ts';
import { TcpSettings } from './settings.ts';
import { AckState, CongestionState, OptionState, ReceiveState, RttState, SackState, SendState } from './state.ts';
import type { SockTimer } from './timers/sock-timer.ts';

const IPPROTO_TCP = 6;
const UNSET = new TcpSettings();

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
  /** Made when the first segment comes out of order. */
  sack: SackState | null = null;

  /** Not sent yet; sent and not acknowledged; received out of order, by sequence number. */
  readonly writeQueue = new SkbQueue();
  readonly rtxQueue = new SkbQueue();
  ofo: SkbQueue | null = null;
  /** Where the last retransmission stopped; the SACK scoreboard's last place. Null: begin at the front. */
  retransmitHint: SkBuff | null = null;
  sackHint: SkBuff | null = null;

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
  keepTimer: SockTimer | null = null;
  /** Ends the compression of ACKs for data out of order. */
  compTimer: Hrtimer | null = null;
  probesOut = 0;
  /** When something was received last, in jiffies. */
  rcvTstamp = 0;
  /** When SYN was sent (ms of the time stamp clock), and SYN-ACK (microseconds; 0: no sample). */
  synSentMs = 0;
  synackSentUs = 0;
  /** When zero-window probing began, in jiffies of 1 ms; 0: it has not. */
  probesTstamp = 0;

  mtuInfo = 0;

  /** The peer closed its side. */
  done = false;
  /** Counted in `tcp.orphans`. */
  orphaned = false;

  /** The route that the last packet came by, and its device: for early demux. */
  rxDst: Rtable | null = null;
  rxDstIfindex = 0;

  /** Of a listener. */
  requests: RequestQueue | null = null;

  constructor(tcp: TcpProtocol, congestion: CongestionOps) {
    super(UNSET, tcp.sysctl.tcp_rmem[1], tcp.sysctl.tcp_wmem[1]);
    this.tcp = tcp;
    this.cc = new CongestionState(congestion);
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

  override backlogRcv(skb: SkBuff): void {
    this.tcp.handlers.doRcv(this, skb);
  }

  override releaseCb(): void {
    if ((this.deferred & TCP_DEFERRED_ALL) !== 0) this.tcp.handlers.releaseCb(this);
  }

  /** Tells a writer only when a third of the buffer is free. @kernel net/core/stream.c sk_stream_write_space() */
  override writeSpace(): void {
    if (!skStreamIsWriteable(this) || skStreamWspace(this) <= 0 || !this.tcp.handlers.streamMemoryFree(this)) return;
    this.noSpace = false;
    this.wake(EPOLLOUT);
  }
}
