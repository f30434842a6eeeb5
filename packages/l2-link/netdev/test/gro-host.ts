import type { Container } from '@stack/plugin';
import { CHECKSUM_PARTIAL, eth, Skbs, type SkBuff } from '@stack/skb';
import { Smp } from '@stack/softirq';
import { machine, testHost, type Machine } from '@stack/testing';
import {
  ethTypeTrans,
  napiCompleteDone,
  napiEnable,
  napiGroReceive,
  napiSchedule,
  NETIF_F_GRO,
  netdev,
  netifNapiAdd,
  PacketTypes,
  skbChecksumHelp,
  skbGsoSegment,
  type NapiStruct,
} from '@stack/netdev';
import { bytesOf, FakeDevice, frameSkb } from './fake-device.ts';

/** How a driver hands a frame over: copied, in a head that may become a fragment, or with its data in fragments. */
export type Shape = 'copied' | 'headFrag' | 'frags';
export const SHAPES: readonly Shape[] = ['copied', 'headFrag', 'frags'];

const HEADERS = 14 + 20 + 60;

/** A host whose driver polls frames that tests give it. */
export interface GroHost {
  lab: Machine;
  host: Container;
  fake: FakeDevice;
  napi: NapiStruct;
  /** What came up, kept until {@link release}. */
  up: SkBuff[];
  /** GRO_* of each frame. */
  results: number[];
  /** Polls these frames, in polls of 64. */
  receive(
    frames: readonly Uint8Array[],
    shape?: Shape | ((index: number) => Shape),
    change?: (skb: SkBuff) => void,
  ): void;
  /** Gives a packet back as the frames it was, cut for a device with these features, all checksums computed. */
  cut(skb: SkBuff, features?: number): Uint8Array[];
  release(): void;
}

export function groHost(seed = 1): GroHost {
  const lab = machine({ seed });
  const host = testHost(lab, 'alice', [netdev()]);
  const fake = new FakeDevice(host, { features: NETIF_F_GRO });
  const pool = host.get(Skbs);
  const up: SkBuff[] = [];
  host.get(PacketTypes).add({ name: 'ip', type: eth.TYPE_IPV4, dev: null, func: (skb) => (up.push(skb), 0) });
  const queue: SkBuff[] = [];
  const results: number[] = [];
  const napi = netifNapiAdd(fake.dev, (napi, budget) => {
    const now = queue.splice(0, budget);
    for (const skb of now) results.push(napiGroReceive(napi, skb));
    if (now.length < budget) napiCompleteDone(napi, now.length);
    return now.length;
  });
  napiEnable(napi);
  const make = (frame: Uint8Array, shape: Shape): SkBuff => {
    if (shape === 'copied') return frameSkb(pool, frame);
    if (shape === 'headFrag') {
      const skb = frameSkb(pool, frame);
      skb.headFrag = true;
      return skb;
    }
    const linear = Math.min(frame.length, HEADERS);
    const skb = frameSkb(pool, frame.subarray(0, linear));
    for (let at = linear; at < frame.length; at += 1_000) {
      const piece = frame.subarray(at, Math.min(at + 1_000, frame.length));
      const page = pool.arena.alloc(4_096);
      pool.arena.u8.set(piece, page + 128);
      skb.addFrag(page, 128, piece.length, 4_096);
    }
    return skb;
  };
  return {
    lab,
    host,
    fake,
    napi,
    up,
    results,
    receive(frames, shape = 'headFrag', change) {
      frames.forEach((frame, index) => {
        const skb = make(frame, typeof shape === 'string' ? shape : shape(index));
        change?.(skb);
        skb.protocol = ethTypeTrans(skb, fake.dev);
        queue.push(skb);
      });
      host.get(Smp).boot.runAsInterrupt({ run: () => napiSchedule(napi) });
      lab.clock.drain();
    },
    cut(skb, features = 0) {
      skb.push(14);
      if (!skb.isGso) return [bytesOf(skb)];
      const frames: Uint8Array[] = [];
      for (let part = skbGsoSegment(skb, features); part !== null;) {
        const { next } = part;
        part.next = null;
        if (part.ipSummed === CHECKSUM_PARTIAL) skbChecksumHelp(part);
        frames.push(bytesOf(part));
        part.consume();
        part = next;
      }
      return frames;
    },
    release() {
      for (const skb of up.splice(0)) skb.consume();
    },
  };
}
