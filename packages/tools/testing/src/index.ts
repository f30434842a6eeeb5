/**
 * What tests of stack packages need: a machine that finds misuse of memory, hosts on it, frames as bytes and back.
 *
 * ```ts
 * test('an echo request is answered', () => {
 *   const lab = machine({ seed: 7 });
 *   const host = testHost(lab, 'alice', [netdev(), arp(), netfilter(), ipv4()]);
 *   // ... icmpFrame({ type: 8, payload: 'ping' }) goes in, `out` comes out ...
 *   expect(decodeFrame(out)).toMatchObject({ ip: { source: '10.0.0.2', checksumOk: true }, icmp: { type: 0 } });
 * }); // fails if a packet buffer or a block of memory is still alive
 * ```
 *
 * @packageDocumentation
 */
export { ipBytes, ipNumber, ipText, macBytes, macText } from './addresses.ts';
export { badNetworks, type BadNetwork } from './bad-networks.ts';
export { ALLOCATION_FREE, bytesPerCall } from './allocation.ts';
export { congestionContract, type CongestionContractOptions } from './contracts/congestion-contract.ts';
export type { DriverWire } from './contracts/driver-bench.ts';
export { driverContract, type DriverContractOptions } from './contracts/driver-contract.ts';
export { egressContract } from './contracts/egress-contract.ts';
export { hookContract, type HookContractOptions } from './contracts/hook-contract.ts';
export { neighbourContract, type NeighbourContractOptions } from './contracts/neighbour-contract.ts';
export { packetTypeContract, type PacketTypeContractOptions } from './contracts/packet-type-contract.ts';
export { policyContract } from './contracts/policy-contract.ts';
export { protocolContract, type ProtocolContractOptions } from './contracts/protocol-contract.ts';
export { qdiscContract, type QdiscContractOptions } from './contracts/qdisc-contract.ts';
export { queueContract, type QueueContractOptions } from './contracts/queue-contract.ts';
export type { ReaderOptions } from './contracts/readers.ts';
export { socketFilterContract } from './contracts/socket-filter-contract.ts';
export { tracerContract, type InstalledTracer, type TracerContractOptions } from './contracts/tracer-contract.ts';
export { concat, internetChecksum, pseudoHeader } from './checksum.ts';
export { decodeFrame, type DecodedFrame, type DecodedIp, type DecodedTcp } from './decode.ts';
export {
  arpFrame,
  ethernetFrame,
  icmpFrame,
  ipv4Frame,
  tcpFrame,
  udpFrame,
  type ArpFields,
  type EthernetFields,
  type IcmpFields,
  type Ipv4Fields,
  type Payload,
  type Ports,
  type TcpFields,
  type UdpFields,
} from './frames.ts';
export { testHost, type TestHostOptions } from './host.ts';
export { machine, whenPassed, type Machine, type MachineOptions } from './machine.ts';
export { networkNamespace, type NetworkNamespace } from './network-namespace.ts';
export * from './packet-matcher.ts';
export { flagsBits, flagsText } from './tcp-flags.ts';
export { decodeTcpOptions, encodeTcpOptions, type TcpOptions } from './tcp-options.ts';
