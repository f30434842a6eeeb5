/**
 * A virtual Ethernet cable.
 *
 * @packageDocumentation
 */
export { Frame } from './frame.ts';
export type { CablePort, FrameReceiver } from './port.ts';
