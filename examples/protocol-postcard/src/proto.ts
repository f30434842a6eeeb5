import {
  EADDRINUSE,
  EAGAIN,
  EDESTADDRREQ,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOBUFS,
  ENOPROTOOPT,
  EOPNOTSUPP,
} from '@stack/plugin';
import { ip, skbCopyToBytes, type SkBuff } from '@stack/skb';
import {
  EPOLLIN,
  EPOLLOUT,
  MSG_PEEK,
  skbSetOwnerW,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  type MsgHdr,
  type Proto,
} from '@stack/sock';
import { HEADER } from './post-office.ts';
import type { PostcardSock } from './sock.ts';

const TTL = 64;
const LONGEST = 65_535 - ip.LENGTH - HEADER;

function bind(sk: PostcardSock, address: number, box: number): number {
  if (sk.boundPort !== 0) return -EINVAL;
  if (!sk.office.give(sk, box)) return -EADDRINUSE;
  sk.rcvSaddr = sk.saddr = address;
  return 0;
}

function connect(sk: PostcardSock, address: number, box: number): number {
  if (sk.boundPort === 0 && bind(sk, 0, 0) !== 0) return -EAGAIN;
  sk.daddr = address;
  sk.dport = box;
  sk.dstCache = null;
  const unreachable = sk.office.ip.routeConnect(sk);
  if (unreachable === 0) sk.state = TCP_ESTABLISHED;
  return unreachable;
}

function disconnect(sk: PostcardSock): number {
  sk.state = TCP_CLOSE;
  sk.daddr = sk.dport = 0;
  sk.dstCache = null;
  return 0;
}

function sendmsg(
  sk: PostcardSock,
  bytes: Uint8Array,
  from: number,
  length: number,
  _flags: number,
  msg: MsgHdr | null,
): number {
  const { office } = sk;
  const named = msg !== null && msg.address !== 0;
  if (!named && sk.state !== TCP_ESTABLISHED) return -EDESTADDRREQ;
  if (length > LONGEST) return -EMSGSIZE;
  if (sk.boundPort === 0 && bind(sk, 0, 0) !== 0) return -EAGAIN;
  const { flow } = office;
  flow.daddr = named ? msg.address : sk.daddr;
  flow.saddr = sk.saddr;
  const route = office.ip.routeOutput(flow);
  if (route === null) return -ENETUNREACH;
  const skb = write(sk, bytes, from, length, named ? msg.port : sk.dport);
  if (skb === null) return -ENOBUFS;
  const result = office.ip.sendDatagram(sk, skb, route, flow.saddr, flow.daddr, TTL, 0);
  return result < 0 ? result : length;
}

/** The postcard with its header, and room for those below. Null when memory is lacking. */
function write(sk: PostcardSock, bytes: Uint8Array, from: number, length: number, box: number): SkBuff | null {
  const { pool, ip: output } = sk.office;
  const skb = pool.alloc(output.maxHeader + HEADER + length);
  if (skb === null) return null;
  skb.reserve(output.maxHeader);
  skb.resetTransportHeader();
  skb.put(HEADER);
  skb.setU16(0, sk.boundPort);
  skb.setU16(2, box);
  skb.putData(bytes, from, length);
  skbSetOwnerW(skb, sk);
  return skb;
}

function recvmsg(
  sk: PostcardSock,
  into: Uint8Array,
  at: number,
  length: number,
  flags: number,
  msg: MsgHdr | null,
): number {
  const error = sk.takeError();
  if (error !== 0) return error;
  const skb = sk.receiveQueue.first;
  if (skb === null) return -EAGAIN;
  const copied = Math.min(length, skb.len - HEADER);
  skbCopyToBytes(skb, HEADER, into, at, copied);
  if (msg !== null) {
    msg.address = ip.saddr(skb);
    msg.port = skb.u16(0);
  }
  if ((flags & MSG_PEEK) === 0) {
    sk.receiveQueue.remove(skb);
    skb.consume();
  }
  return copied;
}

function close(sk: PostcardSock): void {
  sk.dead = true;
  sk.state = TCP_CLOSE;
  sk.office.take(sk);
  sk.purge();
}

/** What the socket calls do with a socket of ours. */
export const postcardProto: Proto<PostcardSock> = {
  name: 'POSTCARD',
  bind,
  connect,
  disconnect,
  listen: () => -EOPNOTSUPP,
  accept: () => null,
  sendmsg,
  recvmsg,
  shutdown: (sk, how) => {
    sk.shutdown |= how;
    return 0;
  },
  poll: (sk) => EPOLLOUT | (sk.receiveQueue.empty ? 0 : EPOLLIN),
  close,
  setsockopt: () => -ENOPROTOOPT,
  getsockopt: () => -ENOPROTOOPT,
  ioctl: () => -EINVAL,
};
