/**
 * Who is on the link, at which address, and whether he is still there: neighbour tables with Linux's states, and ARP.
 *
 * ```ts
 * const { table } = services.get(Arp);
 * neighAdd(table, parseIpv4('10.0.0.9'), eth0, parseEthAddress('02:00:00:00:00:09')); // by hand
 * table.onChange((neigh) => console.log(formatIpv4(neigh.key), nudName(neigh.state)));
 * ```
 *
 * @packageDocumentation
 */
export { Arp, ArpState } from './arp/arp.ts';
export type { ArpHost } from './arp/arp-host.ts';
export { ipEthMcMap } from './arp/constructor.ts';
export { arpSend, arpSendGratuitous, type ArpMessage } from './arp/send.ts';
export { __neighCreate, __neighLookup, neighAdd, neighLookup } from './create.ts';
export { neighConfirm, neighEventSend } from './event.ts';
export { Neighbour, type NeighOps, type NeighOutput } from './neighbour.ts';
export * from './nud.ts';
export { llReservedSpace, neighOutput } from './output.ts';
export { NeighParms } from './parms.ts';
export { arp } from './plugin.ts';
export { neighFlushDev, neighRemove } from './remove.ts';
export * from './rtn.ts';
export { NeighStatistics, NeighTable, type NeighFamily, type NeighListener } from './table.ts';
export { neighUpdate } from './update.ts';
