import type { Random } from '@stack/clock';
import { ip, tcp } from '@stack/skb';
import { tcpFrame } from '@stack/testing';
import { expect, test } from 'vitest';
import { NETIF_F_HW_CSUM, NETIF_F_SG } from '@stack/netdev';
import { groHost, SHAPES } from './gro-host.ts';

/** One connection's state, from which its next frame is made. */
interface Flow {
  port: number;
  seq: number;
  ack: number;
  id: number;
  idStep: number;
  time: number;
  window: number;
  mss: number;
}

function newFlow(random: Random, port: number): Flow {
  const idStep = random.below(3) === 0 ? 0 : 1;
  const mss = 100 + random.below(1_349);
  return {
    port,
    seq: random.int32(),
    ack: random.int32(),
    id: random.below(65_536),
    idStep,
    time: 1,
    window: 65_535,
    mss,
  };
}

/** The next frame of a flow: mostly the plain next segment, sometimes with something that ends a run. */
function nextFrame(random: Random, flow: Flow): Uint8Array {
  const oneIn = (count: number) => random.below(count) === 0;
  if (oneIn(30)) flow.ack = random.int32();
  if (oneIn(30)) flow.time++;
  if (oneIn(30)) flow.window = random.below(65_536);
  if (oneIn(30)) flow.seq = random.int32();
  if (oneIn(30)) flow.id = random.below(65_536);
  const size = oneIn(20) ? random.below(flow.mss) : flow.mss;
  let flags = '.';
  if (oneIn(25)) flags = 'P.';
  else if (oneIn(50)) flags = ['F.', 'W.', 'E.', 'R.', 'FP.'][random.below(5)];
  const frame = tcpFrame({
    sourcePort: flow.port,
    destinationPort: 80,
    id: flow.id,
    ttl: oneIn(60) ? 63 : 64,
    tos: oneIn(60) ? 3 : 2,
    dontFragment: flow.idStep === 0 || !oneIn(60),
    seq: flow.seq >>> 0,
    ack: flow.ack >>> 0,
    flags,
    window: flow.window,
    options: oneIn(60) ? {} : { timestamps: { value: flow.time, echo: 9 } },
    payload: Uint8Array.from({ length: size }, () => random.below(256)),
  });
  flow.seq = (flow.seq + size) | 0;
  flow.id = (flow.id + flow.idStep) & 0xffff;
  return frame;
}

const portOf = (frame: Uint8Array): number => (frame[34] << 8) | frame[35];

test.each(Array.from({ length: 12 }, (_, seed) => seed + 1))(
  'segmenting undoes merging, byte for byte (seed %i)',
  (seed) => {
    const t = groHost(seed);
    const { random } = t.lab;
    const features = seed % 2 === 0 ? 0 : NETIF_F_SG | NETIF_F_HW_CSUM;
    const flows = Array.from({ length: 1 + random.below(3) }, (_, index) => newFlow(random, 1_000 + index));
    const frames = Array.from({ length: 250 }, () => nextFrame(random, flows[random.below(flows.length)]));
    t.receive(frames, () => SHAPES[random.below(SHAPES.length)]);
    // Otherwise nothing would be tested.
    expect(t.up.length).toBeLessThan(frames.length * 0.8);
    expect(t.up.every((skb) => ip.checkIsRight(skb) && tcp.source(skb) >= 1_000)).toBe(true);
    const back = t.up.flatMap((skb) => t.cut(skb, features));
    for (const { port } of flows) {
      expect(back.filter((frame) => portOf(frame) === port)).toEqual(frames.filter((frame) => portOf(frame) === port));
    }
    t.release();
  },
);
