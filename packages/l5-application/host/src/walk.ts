import { NO_PACKET, type Step, type WalkRecorder } from '@stack/trace';

/** From which host to which, by name. */
export interface WalkEnds {
  from: string;
  to: string;
}

/** Ethernet pads a frame to this length. */
const SHORTEST_FRAME = 60;
/** What a host does for a batch of packets is noted with the first of them only. */
const FOR_A_BATCH = /_list|_sublist/;

/**
 * The walk of the first TCP data that `from` sends, through both hosts: from the system call to the card, and on the
 * other side from the interrupt to the socket. Between the cards the packet is a frame, which carries no number: the
 * first frame of the same length that `to` takes in is it. When none comes, because it was lost or the chip made
 * several of it, the walk ends at the wire. Empty when no data was sent.
 */
export function packetWalk(recorder: WalkRecorder, { from, to }: WalkEnds): Step[] {
  const steps = Array.from({ length: recorder.length }, (_, i) => recorder.step(i));
  const sent = steps.findIndex(({ host, fn }) => host === from && fn === 'tcp_sendmsg');
  if (sent < 0) return [];
  const family = new Set(recorder.walk(steps[sent].id).map(({ id }) => id));
  const left = steps.findIndex(({ fn, id }, i) => i > sent && fn === 'e1000_xmit_frame' && family.has(id));
  const inward = left < 0 ? () => false : arrival(steps, left, to);
  return steps.filter((step, i) => (i >= sent && step.host === from && family.has(step.id)) || inward(step, i));
}

/** Tells the steps that `to` takes for the frame that leaves at step `left`, interrupt and batches included. */
function arrival(steps: readonly Step[], left: number, to: string): (step: Step, i: number) => boolean {
  const length = Math.max(steps[left].len, SHORTEST_FRAME);
  const taken = steps.findIndex(
    ({ host, fn, len }, i) => i > left && host === to && fn === 'e1000_clean_rx_irq' && len === length,
  );
  if (taken < 0) return () => false;
  const { id } = steps[taken];
  const passes = (name: string): number => steps.findIndex(({ fn, id: its }) => its === id && fn === name);
  const batched = passes('gro_normal_one');
  const delivered = passes('tcp_v4_rcv');
  const interrupted = steps.findLastIndex(({ host, fn }, i) => i < taken && host === to && fn === 'e1000_intr');
  return ({ host, id: its, fn }, i) => {
    if (host !== to) return false;
    if (its === id) return true;
    if (its === NO_PACKET.id) return i >= interrupted && i < delivered;
    return i > batched && i < delivered && FOR_A_BATCH.test(fn);
  };
}
