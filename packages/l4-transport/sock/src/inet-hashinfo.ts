import { BindBucket } from './bind-bucket.ts';
import { HashTable } from './hash-table.ts';
import { inetEhashfn, portaddrHash } from './hash.ts';
import type { PortOwner, SockCommon } from './sock-common.ts';
import type { SockNet } from './sock-net.ts';
import type { Sock } from './sock.ts';

/**
 * All sockets of a protocol with connections: by four-tuple, by listening address, and by local port.
 *
 * @kernel include/net/inet_hashtables.h struct inet_hashinfo
 */
export class InetHashinfo {
  /** Connections: full sockets, requests and TIME_WAIT. */
  readonly ehash = new HashTable<SockCommon>();
  /** Listeners, by address and port. */
  readonly lhash = new HashTable<SockCommon>(64);
  readonly bhash = new HashTable<BindBucket>();
  readonly net: SockNet;
  readonly secret: number;

  constructor(net: SockNet) {
    this.net = net;
    this.secret = net.random.int32();
  }

  ehashfn(sk: SockCommon): number {
    return inetEhashfn(this.secret, sk.rcvSaddr, sk.boundPort, sk.daddr, sk.dport);
  }
}

/** Adds a connection. The caller knows that its four-tuple is free. @kernel net/ipv4/inet_hashtables.c inet_ehash_insert() */
export function inetEhashInsert(info: InetHashinfo, sk: SockCommon): void {
  info.ehash.add(sk, info.ehashfn(sk));
}

/** Puts `sk` where `old` was: a socket in place of its request, TIME_WAIT in place of its socket. */
export function inetEhashReplace(info: InetHashinfo, old: SockCommon, sk: SockCommon): void {
  const { hash } = old;
  info.ehash.remove(old);
  info.ehash.add(sk, hash);
}

/** Adds a socket that listens. @kernel net/ipv4/inet_hashtables.c __inet_hash() */
export function inetListenInsert(info: InetHashinfo, sk: Sock): void {
  info.lhash.add(sk, portaddrHash(info.secret, sk.rcvSaddr, sk.boundPort));
}

/** Takes a listener or a connection out of its table. @kernel net/ipv4/inet_hashtables.c inet_unhash() */
export function inetUnhash(info: InetHashinfo, sk: SockCommon, listening: boolean): void {
  (listening ? info.lhash : info.ehash).remove(sk);
}

/** The bucket of a port in use, or null. */
export function bindBucketOf(info: InetHashinfo, port: number): BindBucket | null {
  let bucket = info.bhash.first(port);
  while (bucket !== null && bucket.port !== port) bucket = bucket.hashNext;
  return bucket;
}

/** @kernel net/ipv4/inet_hashtables.c inet_bind_bucket_create() */
export function inetBindBucketCreate(info: InetHashinfo, port: number): BindBucket {
  const bucket = new BindBucket(port);
  info.bhash.add(bucket, port);
  return bucket;
}

/** Lets go of the local port. @kernel net/ipv4/inet_hashtables.c inet_put_port() */
export function inetPutPort(info: InetHashinfo, owner: PortOwner): void {
  const bucket = owner.bindBucket;
  if (bucket === null) return;
  bucket.remove(owner);
  if (bucket.owners === null) info.bhash.remove(bucket);
}

/** A child of a listener holds the listener's port. @kernel net/ipv4/inet_hashtables.c __inet_inherit_port() */
export function inetInheritPort(listener: PortOwner, child: PortOwner): void {
  listener.bindBucket?.add(child);
}

/** One in TIME_WAIT takes the port over from its socket. */
export function inetHandOverPort(from: PortOwner, to: PortOwner): void {
  const bucket = from.bindBucket;
  if (bucket === null) return;
  bucket.remove(from);
  bucket.add(to);
}
