/**
 * Devices and everything between a driver and the network layer: NAPI, GRO, packet types, queues, GSO.
 *
 * ```ts
 * host.use([skbs(), softirqs({ name: 'alice' }), netdev()]);
 * const core = host.get(NetCore);
 * const dev = allocEtherdev('eth%d', {
 *   open: (dev) => (netifStartQueue(dev), 0),
 *   stop: () => 0,
 *   startXmit: (skb) => (skb.consume(), NETDEV_TX_OK),
 * });
 * registerNetdevice(core, dev); // eth0
 * devOpen(dev);
 * ```
 *
 * @packageDocumentation
 */
export * from './constants.ts';
export { devActivate, devDeactivate, replaceQdisc } from './device/activate.ts';
export { netifCarrierOff, netifCarrierOn } from './device/carrier.ts';
export { DeviceStats } from './device/device-stats.ts';
export { formatEthAddress, isValidEtherAddr, parseEthAddress, randomEthAddress } from './device/ethernet-address.ts';
export { allocEtherdev, etherSetup, ethHeaderOps, ethMacAddr } from './device/ethernet.ts';
export { devSetFeatures } from './device/features.ts';
export type { HeaderOps } from './device/header-ops.ts';
export { NetDevice, skbDev, type EgressHandler, type IngressHandler, type NetDeviceOps } from './device/net-device.ts';
export { NetdevQueue } from './device/netdev-queue.ts';
export * from './device/notifiers.ts';
export { devClose, devOpen } from './device/open.ts';
export { devGetByIndex, devGetByName, registerNetdevice, unregisterNetdevice } from './device/registry.ts';
export { devChangeMtu, devMcAdd, devMcDel, devSetMacAddress, devSetPromiscuity } from './device/settings.ts';
export { GRO_HELD, GRO_MERGED, GRO_NORMAL, napiGroReceive } from './napi/gro.ts';
export { GroList } from './napi/gro-list.ts';
export { NAPI_POLL_WEIGHT, NapiStruct, type NapiPoll } from './napi/napi-struct.ts';
export {
  __napiSchedule,
  napiCompleteDone,
  napiDisable,
  napiEnable,
  napiSchedule,
  napiSchedulePrep,
  netifNapiAdd,
  netifNapiDel,
} from './napi/napi.ts';
export { SoftnetData } from './napi/softnet-data.ts';
export { NetCore, NetState, type NetCoreParts } from './net-core.ts';
export { netDevInit } from './net-dev-init.ts';
export { NetSysctl } from './net-sysctl.ts';
export { skbGsoSegment } from './offload/gso-segment.ts';
export { Offloads, type InetOffload, type OffloadCallbacks, type PacketOffload } from './offload/offloads.ts';
export { netdev } from './plugin.ts';
export { ethTypeTrans } from './receive/eth-type-trans.ts';
export { netifReceiveSkb, netifReceiveSkbList } from './receive/netif-receive-skb.ts';
export { netifRx } from './receive/netif-rx.ts';
export { PacketTypes, type PacketType } from './receive/packet-type.ts';
export { SkbList } from './receive/skb-list.ts';
export { VLAN_PRIO_SHIFT, VLAN_VID_MASK } from './receive/vlan.ts';
export { skbChecksumHelp } from './transmit/checksum-help.ts';
export { devQueueXmit } from './transmit/dev-queue-xmit.ts';
export type { QdiscClass, QdiscClasses, QdiscClassStats } from './transmit/qdisc-class.ts';
export * from './transmit/qdisc-filter.ts';
export { QdiscWatchdog } from './transmit/qdisc-watchdog.ts';
export * from './transmit/qdisc.ts';
export * from './transmit/queue-state.ts';
export { __netifSchedule, devConsumeSkbAny, devKfreeSkbAny, devKfreeSkbIrq } from './transmit/schedule.ts';
