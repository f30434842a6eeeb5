import type { Host } from '@stack/host';
import { NetCore } from '@stack/netdev';
import { Smp } from '@stack/softirq';
import { Tcp } from '@stack/tcp';
import type { Pair } from './pair.ts';

/** What the stack itself has counted. Unless the name says otherwise, of both hosts together. */
export interface Counters {
  /** Sent by the server with data or without, as TCP counts them. */
  readonly serverSegments: number;
  readonly retransmitted: number;
  readonly frames: number;
  /** From the server, and their bytes. */
  readonly serverFrames: number;
  readonly serverFrameBytes: number;
  /** Packets that the client's cards handed up, each of one frame or several. */
  readonly clientPackets: number;
  readonly interrupts: number;
  readonly polls: number;
}

export function counters({ cable, server, client }: Pair): Counters {
  const { aToB, bToA } = cable.statistics;
  const tcp = server.get(Tcp).mib.snapshot();
  return {
    serverSegments: tcp.TcpOutSegs,
    retransmitted: tcp.TcpRetransSegs,
    frames: aToB.frames + bToA.frames,
    serverFrames: aToB.frames,
    serverFrameBytes: aToB.bytes,
    clientPackets: sum(client.get(NetCore).softnets.map(({ processed }) => processed)),
    interrupts: interrupts(server) + interrupts(client),
    polls: polls(server) + polls(client),
  };
}

/** What was counted since `before`. */
export function since(before: Counters, now: Counters): Counters {
  const names = Object.keys(now) as (keyof Counters)[];
  return Object.fromEntries(names.map((name) => [name, now[name] - before[name]])) as unknown as Counters;
}

function interrupts(host: Host): number {
  return sum(host.get(Smp).all.map((cpu) => cpu.interrupts));
}

function polls(host: Host): number {
  return sum(host.devices.flatMap((dev) => dev.napis.map((napi) => napi.polls)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
