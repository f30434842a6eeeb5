/**
 * Capture to pcapng, from devices and cables; capture files read, and replayed into a cable.
 *
 * ```ts
 * const writer = new PcapWriter();
 * const stop = captureCable(cable, writer);
 * // ... frames fly ...
 * stop();
 * await writeFile('cable.pcapng', writer.bytes());
 * ```
 *
 * @packageDocumentation
 */
export { captureCable, type CableCaptureOptions } from './capture-cable.ts';
export { captureDevices, type DeviceCaptureOptions } from './capture-devices.ts';
export { CRC_ERROR, INBOUND, LINKTYPE_ETHERNET, LINKTYPE_RAW, OUTBOUND } from './format.ts';
export type { CaptureFile, PacketRecord, RecordedInterface } from './packet-record.ts';
export { pcap } from './plugin.ts';
export { readCapture } from './read-capture.ts';
export { replay, type Replay, type ReplayOptions } from './replay.ts';
export { PcapWriter, type CaptureInterface, type PacketFacts, type PcapWriterOptions } from './writer.ts';
