import { RTN_BROADCAST, RTN_LOCAL, RTN_MULTICAST, type IpOutput } from '@stack/ipv4';
import { EADDRINUSE, EADDRNOTAVAIL, EAGAIN, EINVAL } from '@stack/plugin';
import { SOCK_BINDADDR_LOCK, SOCK_BINDPORT_LOCK, type Sock } from './sock.ts';
import { TCP_CLOSE } from './states.ts';

/** Gives a socket a local port, which it stores in `boundPort`; 0 or a negative errno. @kernel include/net/sock.h struct proto */
export type GetPort = (sk: Sock, port: number) => number;

/**
 * What `bind` does in every protocol: checks the address, takes the port. A multicast or broadcast address is for
 * receiving only. 0, -EINVAL when bound or connected already, -EADDRNOTAVAIL, or -EADDRINUSE.
 *
 * @kernel net/ipv4/af_inet.c __inet_bind()
 */
export function inetBind(ip: IpOutput, sk: Sock, address: number, port: number, getPort: GetPort): number {
  const kind = address === 0 ? RTN_LOCAL : ip.addressType(address);
  const receivesOnly = kind === RTN_MULTICAST || kind === RTN_BROADCAST;
  const { freebind, transparent, bindNoPort } = sk.settings;
  if (kind !== RTN_LOCAL && !receivesOnly && !freebind && !transparent) return -EADDRNOTAVAIL;
  if (sk.state !== TCP_CLOSE || sk.boundPort !== 0) return -EINVAL;
  sk.rcvSaddr = address;
  sk.saddr = receivesOnly ? 0 : address;
  if ((port !== 0 || !bindNoPort) && getPort(sk, port) !== 0) {
    sk.rcvSaddr = 0;
    sk.saddr = 0;
    return -EADDRINUSE;
  }
  if (address !== 0) sk.userlocks |= SOCK_BINDADDR_LOCK;
  if (port !== 0) sk.userlocks |= SOCK_BINDPORT_LOCK;
  sk.daddr = 0;
  sk.dport = 0;
  sk.dstCache = null;
  return 0;
}

/** Gives a socket that sends, connects or listens a port if it has none. 0 or -EAGAIN. @kernel net/ipv4/af_inet.c inet_autobind() */
export function inetAutobind(sk: Sock, getPort: GetPort): number {
  if (sk.boundPort !== 0) return 0;
  if (getPort(sk, 0) !== 0) return -EAGAIN;
  return 0;
}
