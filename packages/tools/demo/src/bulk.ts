import Table from 'cli-table3';
import { counters, since, type Counters } from './counters.ts';
import type { Pair } from './pair.ts';
import { progress } from './progress.ts';
import { grouped, type Say } from './say.ts';
import { transfer, type Transfer } from './transfer.ts';

export interface BulkFacts extends Transfer, Counters {
  readonly intact: boolean;
  readonly seconds: number;
  /** 10^6 bytes a second, hashing at both ends included. */
  readonly megabytesPerSecond: number;
  readonly framesPerPacket: number;
  readonly copiesPerByte: number;
}

/** Step 3: one large response at full speed. */
export async function bulk(pair: Pair, bytes: number, seed: number, say: Say): Promise<BulkFacts> {
  const { clock } = pair.lab;
  const bar = progress(bytes, say);
  const before = counters(pair);
  const start = clock.now();
  const moved = await transfer(pair, bytes, seed, (received) => bar.at(received));
  const seconds = (clock.now() - start) / 1e9;
  bar.stop();
  const counted = since(before, counters(pair));
  const facts = {
    ...moved,
    ...counted,
    intact: moved.bytes === bytes && moved.sentSha256 === moved.receivedSha256,
    seconds,
    megabytesPerSecond: bytes / 1e6 / seconds,
    framesPerPacket: counted.serverFrames / counted.clientPackets,
    // Into packet memory, over the wire, out of packet memory.
    copiesPerByte: (moved.bytesWritten + counted.serverFrameBytes + moved.bytesRead) / bytes,
  };
  show(facts, say);
  return facts;
}

function show(facts: BulkFacts, say: Say): void {
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right', 'left'] });
  table.push(
    ['speed', facts.megabytesPerSecond.toFixed(1), 'MB/s, hashing at both ends included'],
    ['segments', grouped(facts.serverSegments), `sent by the server, ${grouped(facts.retransmitted)} of them again`],
    ['frames', grouped(facts.frames), `on the cable, ${grouped(facts.serverFrames)} of them from the server`],
    ['interrupts', grouped(facts.interrupts), 'on both hosts'],
    ['NAPI polls', grouped(facts.polls), 'of both cards'],
    ['GRO', facts.framesPerPacket.toFixed(1), 'frames in each packet that the client handed up'],
    ['copies', facts.copiesPerByte.toFixed(2), 'of each byte: into packet memory, over the wire, out of it'],
  );
  say.heading(`${grouped(facts.bytes)} bytes in one response, in ${facts.seconds.toFixed(2)} s`);
  say.line(table.toString());
  say.line(`SHA-256 sent     ${facts.sentSha256}`);
  say.line(`SHA-256 received ${facts.receivedSha256}${facts.intact ? '' : '  DIFFERENT'}`);
}
