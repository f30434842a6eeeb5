import { IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT } from '@stack/ipv4';
import { EINVAL, ENOPROTOOPT, ENOTCONN } from '@stack/plugin';
import { IP_CMSG_ORIGDSTADDR, IP_CMSG_PKTINFO, IP_CMSG_TOS, IP_CMSG_TTL, SOCK_STREAM, type Sock } from '@stack/sock';
import * as c from './constants.ts';
import { intOrByteOf, intsToBytes } from './option-value.ts';

const MAX_OPTIONS = 40;
const ECN_MASK = 3;
/** @rfc 791 3.1 */
const END = 0;
const NOOP = 1;

/** -ENOPROTOOPT for what is the protocol's, if anybody's. @kernel net/ipv4/ip_sockglue.c do_ip_setsockopt() */
export function setIpOption(sk: Sock, name: number, value: number | Uint8Array): number {
  if (name === c.IP_OPTIONS) return setOptions(sk, value);
  if (typeof value !== 'number' && !hasLength(name, value.length)) return -EINVAL;
  const number = intOrByteOf(value);
  switch (name) {
    case c.IP_TOS:
      return Number.isNaN(number) ? -EINVAL : setTos(sk, number & 0xff);
    case c.IP_TTL:
      if (number !== -1 && !isIn(number, 1, 255)) return -EINVAL;
      sk.change({ ttl: number });
      return 0;
    case c.IP_MINTTL:
      if (!isIn(number, 0, 255)) return -EINVAL;
      sk.change({ minTtl: number });
      return 0;
    case c.IP_MTU_DISCOVER:
      if (!isIn(number, IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT)) return -EINVAL;
      sk.change({ pmtudisc: number });
      return 0;
    case c.IP_RECVERR:
      if (Number.isNaN(number)) return -EINVAL;
      sk.change({ recvErr: number !== 0 });
      if (number === 0) sk.errors?.entries.splice(0);
      return 0;
    case c.IP_FREEBIND:
    case c.IP_TRANSPARENT:
    case c.IP_BIND_ADDRESS_NO_PORT:
    case c.IP_LOCAL_PORT_RANGE:
      return setBindOption(sk, name, number);
    default:
      if (name === c.IP_RECVFRAGSIZE && sk.type === SOCK_STREAM) return -EINVAL;
      return Object.hasOwn(CMSG, name) ? setCmsg(sk, CMSG[name], number) : -ENOPROTOOPT;
  }
}

/** Whether a value may have so many bytes; for most options no byte at all says 0. */
function hasLength(name: number, length: number): boolean {
  if (name === c.IP_LOCAL_PORT_RANGE) return length === 4;
  return length > 0 || ![c.IP_TTL, c.IP_MINTTL, c.IP_FREEBIND, c.IP_TRANSPARENT].includes(name);
}

/** Options that add ancillary data to what is read: their bits. */
const CMSG: Readonly<Record<number, number>> = {
  [c.IP_PKTINFO]: IP_CMSG_PKTINFO,
  [c.IP_RECVTTL]: IP_CMSG_TTL,
  [c.IP_RECVTOS]: IP_CMSG_TOS,
  [c.IP_RECVOPTS]: 1 << 3,
  [c.IP_RETOPTS]: 1 << 4,
  [c.IP_RECVORIGDSTADDR]: IP_CMSG_ORIGDSTADDR,
  [c.IP_CHECKSUM]: 1 << 7,
  [c.IP_RECVFRAGSIZE]: 1 << 8,
};

/** What `bind` and the choice of a port go by. */
function setBindOption(sk: Sock, name: number, number: number): number {
  if (Number.isNaN(number)) return -EINVAL;
  const on = number !== 0;
  if (name === c.IP_FREEBIND) sk.change({ freebind: on });
  else if (name === c.IP_TRANSPARENT) sk.change({ transparent: on });
  else if (name === c.IP_BIND_ADDRESS_NO_PORT) sk.change({ bindNoPort: on });
  else {
    const [low, high] = [number & 0xffff, number >>> 16];
    if (low !== 0 && high !== 0 && low > high) return -EINVAL;
    sk.change({ portLow: low, portHigh: high });
  }
  return 0;
}

/** @kernel net/ipv4/ip_sockglue.c do_ip_getsockopt() */
export function getIpOption(sk: Sock, name: number): number | Uint8Array {
  switch (name) {
    case c.IP_TOS:
      return sk.settings.tos;
    case c.IP_TTL:
      return sk.settings.ttl < 0 ? DEFAULT_TTL : sk.settings.ttl;
    case c.IP_MINTTL:
      return sk.settings.minTtl;
    case c.IP_MTU_DISCOVER:
      return sk.settings.pmtudisc;
    case c.IP_MTU:
      return sk.daddr === 0 ? -ENOTCONN : (sk.dstCache?.mtu() ?? -ENOTCONN);
    case c.IP_RECVERR:
      return Number(sk.settings.recvErr);
    case c.IP_FREEBIND:
      return Number(sk.settings.freebind);
    case c.IP_TRANSPARENT:
      return Number(sk.settings.transparent);
    case c.IP_BIND_ADDRESS_NO_PORT:
      return Number(sk.settings.bindNoPort);
    case c.IP_LOCAL_PORT_RANGE:
      return intsToBytes((sk.settings.portHigh << 16) | sk.settings.portLow);
    case c.IP_PROTOCOL: // what a raw socket is bound to; of others that is the port
      return sk.boundPort;
    case c.IP_OPTIONS:
      return sk.settings.ipOptions ?? new Uint8Array(0);
    default:
      return Object.hasOwn(CMSG, name) ? Number((sk.settings.cmsgFlags & CMSG[name]) !== 0) : -ENOPROTOOPT;
  }
}

/** @rfc 1700 */
const DEFAULT_TTL = 64;

/** The ECN bits of a stream belong to TCP. @kernel net/ipv4/ip_sockglue.c __ip_sock_set_tos() */
function setTos(sk: Sock, value: number): number {
  const tos = sk.type === SOCK_STREAM ? (value & ~ECN_MASK) | (sk.settings.tos & ECN_MASK) : value;
  if (sk.settings.tos === tos) return 0;
  sk.change({ tos: tos });
  sk.change({ priority: PRIORITY_OF_TOS[(tos & 0x1e) >> 1] });
  sk.dstCache = null;
  return 0;
}

/** By the four type-of-service bits. @kernel net/ipv4/route.c ip_tos2prio */
const PRIORITY_OF_TOS = [0, 0, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4];

function setCmsg(sk: Sock, bit: number, on: number): number {
  if (Number.isNaN(on)) return -EINVAL;
  sk.change({ cmsgFlags: on === 0 ? sk.settings.cmsgFlags & ~bit : sk.settings.cmsgFlags | bit });
  return 0;
}

/** Padded to a multiple of four with end-of-options. */
function setOptions(sk: Sock, value: number | Uint8Array): number {
  const bytes = typeof value === 'number' ? intsToBytes(value) : value;
  if (bytes.length > MAX_OPTIONS || !isListOfOptions(bytes)) return -EINVAL;
  const options = new Uint8Array((bytes.length + 3) & ~3);
  options.set(bytes);
  sk.change({ ipOptions: options.length === 0 ? null : options });
  sk.dstCache = null;
  return 0;
}

/** Whether the lengths in them are right. @kernel net/ipv4/ip_options.c ip_options_compile() */
function isListOfOptions(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length && bytes[at] !== END; at += bytes[at] === NOOP ? 1 : bytes[at + 1])
    if (bytes[at] !== NOOP && !(bytes[at + 1] >= 2 && at + bytes[at + 1] <= bytes.length)) return false;
  return true;
}

function isIn(number: number, low: number, high: number): boolean {
  return number >= low && number <= high;
}
