/**
 * A virtual Ethernet cable, and a switch.
 *
 * ```ts
 * const cable = createCable({ clock, random, arena, rate: '1Gbit', delay: '2ms', queue: '64KB', loss: 0.01 });
 * cable.a.plug(oneChip);
 * cable.b.plug(anotherChip);
 * cable.configure({ aToB: { loss: 0.5 } }); // while frames fly
 * cable.statistics.aToB.lost;
 * ```
 *
 * @packageDocumentation
 */
export { Cable, createCable, type CableSetup } from './cable.ts';
export type { CaptureListener, DirectionName } from './capture.ts';
export * from './fate.ts';
export { Frame } from './frame.ts';
export type { CableOptions, LinkOptions, QueueLimit, Rate } from './options.ts';
export type { CablePort, FrameReceiver } from './port.ts';
export type { LinkStatistics } from './statistics.ts';
export { createSwitch, Switch, type SwitchSetup } from './switch.ts';
export { FRAME_OVERHEAD } from './wire.ts';
