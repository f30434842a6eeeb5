import { e1000Driver } from '@stack/e1000';
import { cardParameters } from './e1000.ts';
import { ipv4 } from '@stack/ipv4';
import { loopback } from '@stack/loopback';
import { arp } from '@stack/neigh';
import { netdev } from '@stack/netdev';
import { netfilter } from '@stack/netfilter';
import { pciBus } from '@stack/pci';
import type { Plugin } from '@stack/plugin';
import { pfifoFast } from '@stack/qdisc';
import { sockets } from '@stack/sock';
import { bsdSockets } from '@stack/socket';
import { tcp } from '@stack/tcp';
import { udp } from '@stack/udp';
import { nodeNet } from '@stack/net';

/**
 * Everything a host needs for TCP, UDP and ICMP over IPv4, floor by floor. It is a list: leave something out, or add
 * something of your own.
 */
export function inet(): Plugin[] {
  return [
    pciBus(), e1000Driver(cardParameters),
    netdev(), pfifoFast(), loopback(),
    arp(), netfilter(), ipv4(),
    sockets(), udp(), tcp(),
    bsdSockets(), nodeNet(),
  ]; // prettier-ignore
}
