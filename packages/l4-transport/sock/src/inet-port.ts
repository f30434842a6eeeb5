import { EADDRINUSE, EADDRNOTAVAIL } from '@stack/plugin';
import { inetCskBindConflict } from './bind-conflict.ts';
import type { BindBucket } from './bind-bucket.ts';
import { inetEhashfn } from './hash.ts';
import { bindBucketOf, inetBindBucketCreate, type InetHashinfo } from './inet-hashinfo.ts';
import { inetLookupEstablished } from './inet-lookup.ts';
import type { SockCommon } from './sock-common.ts';
import type { Sock } from './sock.ts';
import { TCP_TIME_WAIT } from './states.ts';

/** What TCP decides about connections in TIME_WAIT whose four-tuple a new one would like. */
export interface Timewaits {
  /**
   * Whether it gives way. `named`: the user asked for this port, it was not looked for.
   *
   * @kernel net/ipv4/tcp_ipv4.c tcp_twsk_unique()
   */
  unique(sk: Sock, timewait: SockCommon, named: boolean): boolean;
  /** Ends it; it is out of the table of connections already. @kernel net/ipv4/inet_timewait_sock.c inet_twsk_deschedule_put() */
  deschedule(timewait: SockCommon): void;
}

/**
 * Gives the socket local port `port`, or one that is free for 0: a random odd one of the range, to leave the even
 * ones to connect. Also checks again, at listen, whether the port may be kept. 0 or -EADDRINUSE.
 *
 * @kernel net/ipv4/inet_connection_sock.c inet_csk_get_port()
 */
export function inetCskGetPort(info: InetHashinfo, sk: Sock, port: number): number {
  const chosen = port === 0 ? inetCskFindOpenPort(info, sk) : port;
  if (chosen === 0) return -EADDRINUSE;
  const bucket = bindBucketOf(info, chosen);
  if (port !== 0 && bucket !== null && inetCskBindConflict(sk, bucket, false)) return -EADDRINUSE;
  if (sk.bindBucket === null) hold(bucket ?? inetBindBucketCreate(info, chosen), sk);
  return 0;
}

function hold(bucket: BindBucket, sk: Sock): void {
  bucket.forConnect = false;
  bucket.add(sk);
  sk.boundPort = bucket.port;
}

/** @kernel net/ipv4/inet_connection_sock.c inet_csk_find_open_port() @rfc 6056 3.3.1 */
function inetCskFindOpenPort(info: InetHashinfo, sk: Sock): number {
  const { random, reservedPorts } = info.net;
  const { low, high } = portRange(info, sk);
  const count = high - low + 1;
  const start = random.below(count) | 1;
  for (let i = 0; i < count; i++) {
    const port = low + portAt(start, i, count);
    if (reservedPorts.has(port)) continue;
    const bucket = bindBucketOf(info, port);
    if (bucket === null || !inetCskBindConflict(sk, bucket, true)) return port;
  }
  return 0;
}

/** Ports to choose from: the socket's own bounds count where they are inside of the host's. @kernel net/ipv4/inet_connection_sock.c inet_sk_get_local_port_range() */
function portRange({ net }: InetHashinfo, { settings }: Sock): { low: number; high: number } {
  const { localPortLow: low, localPortHigh: high } = net;
  const { portLow, portHigh } = settings;
  return {
    low: portLow >= low && portLow <= high ? portLow : low,
    high: portHigh >= low && portHigh <= high ? portHigh : high,
  };
}

/** The `i`th offset of a walk in steps of two from `start`, which takes up the other parity when it has come round. */
function portAt(start: number, i: number, count: number): number {
  const half = (count + 1) >> 1;
  const parity = i < half ? start & 1 : (start & 1) ^ 1;
  const place = ((start >> 1) + (i % half)) % half;
  return Math.min(2 * place + parity, count - 1);
}

/**
 * Enters a socket that is about to connect into the table of connections. When it has no port yet, it gets one:
 * starting at a place that depends on the peer and a secret, even ports first, ports that others hold only if the
 * four-tuple is free. 0 or -EADDRNOTAVAIL.
 *
 * @kernel net/ipv4/inet_hashtables.c inet_hash_connect() @rfc 6056 3.3.4
 */
export function inetHashConnect(info: InetHashinfo, sk: Sock, timewaits: Timewaits): number {
  if (sk.boundPort !== 0) return inetCheckEstablished(info, sk, sk.boundPort, timewaits);
  const { reservedPorts } = info.net;
  const { low, high } = portRange(info, sk);
  const count = high - low + 1;
  const start = ((portOffset(info, sk) + info.net.random.below(count)) % count) & ~1;
  for (let i = 0; i < count; i++) {
    const port = low + portAt(start, i, count);
    if (reservedPorts.has(port)) continue;
    const bucket = bindBucketOf(info, port);
    if (bucket !== null && !bucket.forConnect) continue;
    if (inetCheckEstablished(info, sk, port, timewaits, bucket) === 0) return 0;
  }
  return -EADDRNOTAVAIL;
}

/** @kernel net/core/secure_seq.c secure_ipv4_port_ephemeral() */
function portOffset(info: InetHashinfo, sk: Sock): number {
  return inetEhashfn(~info.secret, sk.rcvSaddr, 0, sk.daddr, sk.dport);
}

/**
 * Enters the socket with this local port if no other connection has the four-tuple, except one in TIME_WAIT that
 * gives way.
 *
 * @kernel net/ipv4/inet_hashtables.c __inet_check_established()
 */
function inetCheckEstablished(
  info: InetHashinfo,
  sk: Sock,
  port: number,
  timewaits: Timewaits,
  bucket: BindBucket | null = null,
): number {
  const other = inetLookupEstablished(info, sk.daddr, sk.dport, sk.rcvSaddr, port, sk.boundDevIf);
  const named = sk.bindBucket !== null;
  if (other !== null && !(other.state === TCP_TIME_WAIT && timewaits.unique(sk, other, named))) return -EADDRNOTAVAIL;
  if (!named) holdForConnect(bucket ?? inetBindBucketCreate(info, port), sk);
  if (other !== null) info.ehash.remove(other);
  info.ehash.add(sk, info.ehashfn(sk));
  if (other !== null) timewaits.deschedule(other);
  return 0;
}

function holdForConnect(bucket: BindBucket, sk: Sock): void {
  if (bucket.owners === null) bucket.forConnect = true;
  bucket.add(sk);
  sk.boundPort = bucket.port;
}
