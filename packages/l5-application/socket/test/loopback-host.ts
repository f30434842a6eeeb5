import { ipv4 } from '@stack/ipv4';
import { loopback } from '@stack/loopback';
import { arp } from '@stack/neigh';
import { netdev } from '@stack/netdev';
import { netfilter } from '@stack/netfilter';
import type { Plugin } from '@stack/plugin';
import { pfifoFast } from '@stack/qdisc';
import { sockets } from '@stack/sock';
import { machine, testHost } from '@stack/testing';
import { udp } from '@stack/udp';
import { BsdSockets, bsdSockets, SocketFile } from '../src/index.ts';

export const LOCALHOST = 0x7f000001;

/** A host that talks to itself, with real IPv4 below. */
export function loopbackHost(...more: Plugin[]) {
  const lab = machine({ seed: 7 });
  const below = [netdev(), pfifoFast(), loopback(), arp(), netfilter(), ipv4()];
  const host = testHost(lab, 'alice', [...below, sockets(), udp(), ...more, bsdSockets()]);
  return { host, clock: lab.clock, calls: host.get(BsdSockets) };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytesOf = (text: string): Uint8Array => encoder.encode(text);

/** What a read gives, as text, or the negative errno; 0 is the end of a stream. */
export function read(file: SocketFile, most = 65_536): string | number {
  const buffer = new Uint8Array(most);
  const result = file.recv(buffer);
  return result <= 0 ? result : decoder.decode(buffer.subarray(0, result));
}
