import { packetText } from '../packets/text.ts';
import type { SeenPacket } from '../packets/seen-packet.ts';
import { seconds } from '../time/tolerance.ts';

const SHOWN = 6;

/** The last packets of a run, for a report. Times in microseconds since the script began. */
export class PacketLog {
  #lines: string[] = [];

  cameIn(at: number, text: string): void {
    this.#add(`${seconds(at)} ${text}`);
  }

  wentOut(at: number, packet: SeenPacket): void {
    this.#add(`${seconds(at)} > ${packetText(packet)}`);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  #add(line: string): void {
    this.#lines = [...this.#lines, line].slice(-SHOWN);
  }
}
