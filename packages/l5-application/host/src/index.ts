/**
 * Hosts, cables and a clock: everything assembled.
 *
 * ```ts
 * const lab = createLab();
 * const cable = lab.cable();
 * const server = lab.host({ name: 'server', use: inet(), devices: { eth0: e1000({ port: cable.a, address: '10.0.0.1/24' }) } });
 * const client = lab.host({ name: 'client', use: inet(), devices: { eth0: e1000({ port: cable.b, address: '10.0.0.2/24' }) } });
 *
 * server.http().createServer((_, response) => response.end('hello')).listen(80);
 * const response = await client.fetch('http://server/');
 * console.log(await response.text()); // hello
 * lab.close();
 * ```
 *
 * @packageDocumentation
 */
export { describeHost, type DeviceFacts, type HostFacts } from './describe.ts';
export type { Device, DeviceSettings, DeviceSlot, QdiscChoice } from './device.ts';
export { e1000, type E1000Options } from './e1000.ts';
export type { Host, HostOptions } from './host.ts';
export { inet } from './inet.ts';
export { createLab, Lab, type LabOptions } from './lab.ts';
export type { PingOptions, PingReply } from './ping.ts';
export { tapDevice } from './tap.ts';
export { packetWalk, type WalkEnds } from './walk.ts';
