import type { Clock, Random } from '@stack/clock';
import type { IpOutput } from '@stack/ipv4';
import type { Arena } from '@stack/memory';
import type { SkBuff, SkbPool } from '@stack/skb';
import { InetHashinfo, ProtoMemory, type Proto, type SockNet } from '@stack/sock';
import type { Cpus, TimerWheel, TimerWheels } from '@stack/softirq';
import type { AckSample } from './congestion/ops.ts';
import type { CongestionTable } from './congestion/registry.ts';
import { OutOptions } from './output/out-options.ts';
import { Cleaned } from './input/cleaned.ts';
import { HeardStamp } from './input/heard-stamp.ts';
import { ParsedOptions } from './input/parsed-options.ts';
import { RateSample } from './recovery/rate-sample.ts';
import { SackBlocks } from './recovery/sack-read.ts';
import { SacktagState } from './recovery/sacktag-state.ts';
import type { TcpRequestSock } from './listen/request-sock.ts';
import { FastOpenPause } from './fastopen/blackhole.ts';
import type { FastOpenKeys } from './fastopen/keys.ts';
import { CubicParams } from './congestion/cubic-params.ts';
import { TcpMetrics } from './metrics/metrics.ts';
import type { TcpSock } from './sock.ts';
import { TcpMib } from './mib.ts';
import { TcpSysctl } from './sysctl.ts';
import type { TcpTimewaitSock } from './timewait/timewait-sock.ts';

/** Whether a packet may reach the socket. @kernel include/net/xfrm.h xfrm4_policy_check() */
export type PolicyCheck = (sk: TcpSock, skb: SkBuff) => boolean;

/** What lower files of this package ask of higher ones: set once, when TCP is put together. */
export interface TcpHandlers {
  doRcv(sk: TcpSock, skb: SkBuff): void;
  releaseCb(sk: TcpSock): void;
  streamMemoryFree(sk: TcpSock, wake: boolean): boolean;
  writeTimer(sk: TcpSock): void;
  delackTimer(sk: TcpSock): void;
  keepaliveTimer(sk: TcpSock): void;
  compressedAckTimer(sk: TcpSock): void;
  requestTimer(req: TcpRequestSock): void;
  timewaitTimer(tw: TcpTimewaitSock): void;
}

export interface TcpEnvironment {
  readonly ip: IpOutput;
  readonly clock: Clock;
  readonly random: Random;
  readonly pool: SkbPool;
  readonly cpus: Cpus;
  readonly timers: TimerWheels;
  readonly net: SockNet;
  readonly congestion: CongestionTable;
}

/** @kernel net/ipv4/tcp.c tcp_init() */
const TCP_MEM_LOW = 190_000 * 4096;

/**
 * TCP of one host: its sockets, its settings, its counters, and the time as of the packet in hand.
 *
 * @kernel include/net/netns/ipv4.h struct netns_ipv4
 */
export class TcpProtocol {
  readonly ip: IpOutput;
  readonly clock: Clock;
  readonly random: Random;
  readonly pool: SkbPool;
  readonly arena: Arena;
  readonly cpus: Cpus;
  readonly wheel: TimerWheel;
  readonly congestion: CongestionTable;
  readonly net: SockNet;
  readonly hashinfo: InetHashinfo;
  readonly sysctl = new TcpSysctl();
  readonly mib = new TcpMib();
  /** What earlier connections to each peer measured. */
  readonly metrics = new TcpMetrics();
  /** Parameters of the congestion control `cubic`. */
  readonly cubic = new CubicParams();
  /** Keys of Fast Open cookies, made when first needed; and whether we dare to use it. */
  fastOpenKeys: FastOpenKeys | null = null;
  readonly fastOpenPause = new FastOpenPause();
  /** Headers kept by TCP_SAVE_SYN, until somebody asks for them. */
  readonly savedSyns = new WeakMap<TcpSock, Uint8Array>();
  readonly memory = new ProtoMemory(TCP_MEM_LOW, TCP_MEM_LOW * 1.33, TCP_MEM_LOW * 2);
  readonly proto: Proto;
  readonly handlers: TcpHandlers;
  policyCheck: PolicyCheck | null = null;

  /** Time as of the last {@link refresh}: nanoseconds; microseconds and milliseconds (both wrap), jiffies, seconds. */
  ns = 0;
  us = 0;
  ms = 0;
  jiffies = 0;

  /** Sockets that wait for their packets to leave the host; see tcpTsqHandler. */
  tsqFirst: TcpSock | null = null;
  tsqLast: TcpSock | null = null;
  orphans = 0;
  timewaits = 0;
  /** Sockets whose connection is over and whose user has not closed them yet: what was not read waits there. */
  readonly ended = new Set<TcpSock>();
  /** Challenge ACKs sent in this second. */
  challengeSecond = 0;
  challengeCount = 0;

  /** The block that user bytes are copied into at the moment, shared by all sockets; 0: none. */
  fragPage = 0;
  fragOffset = 0;

  /** Keys of sequence numbers, time stamp offsets and SYN cookies. */
  readonly secrets: Int32Array;

  // Scratch of the packet in hand; one at a time, since nothing in TCP recurses.
  readonly parsed = new ParsedOptions();
  readonly heard = new HeardStamp();
  readonly cleaned = new Cleaned();
  readonly ackSample: AckSample = { pktsAcked: 0, rttUs: -1, inFlight: 0 };
  readonly out = new OutOptions();
  readonly sample = new RateSample();
  readonly sacktag = new SacktagState();
  readonly sackBlocks = new SackBlocks();
  /** `delivered` up to which the marks of this ACK are counted. */
  deliveredMarked = 0;
  /** What an ACK asks to be sent, REXMIT_*. */
  rexmit = 0;

  constructor(environment: TcpEnvironment, proto: Proto<TcpSock>, handlers: TcpHandlers) {
    this.ip = environment.ip;
    this.clock = environment.clock;
    this.random = environment.random;
    this.pool = environment.pool;
    this.arena = environment.pool.arena;
    this.cpus = environment.cpus;
    this.wheel = environment.timers.boot;
    this.congestion = environment.congestion;
    this.net = environment.net;
    this.hashinfo = new InetHashinfo(environment.net);
    this.proto = proto as Proto;
    this.handlers = handlers;
    this.secrets = Int32Array.from({ length: 8 }, () => environment.random.int32());
    this.refresh();
  }

  /** @kernel include/net/tcp.h tcp_mstamp_refresh() */
  refresh(): void {
    const now = this.clock.now();
    this.ns = now;
    this.us = (now / 1000) | 0;
    this.ms = (now / 1_000_000) | 0;
    this.jiffies = Math.floor(now / 1_000_000);
  }
}
