import type { Plugin } from '@stack/plugin';
import { captureDevices, type DeviceCaptureOptions } from './capture-devices.ts';
import type { PcapWriter } from './writer.ts';

/** Captures on a host's devices for as long as it lives. */
export function pcap(options: DeviceCaptureOptions & { writer: PcapWriter }): Plugin {
  return { name: 'pcap', attach: (services) => captureDevices(services, options.writer, options) };
}
