import { ENODEV } from '@stack/plugin';
import { NET_RX_SOFTIRQ, NET_TX_SOFTIRQ } from '@stack/softirq';
import { NETDEV_TX_BUSY } from './constants.ts';
import { NetDevice } from './device/net-device.ts';
import { NapiStruct } from './napi/napi-struct.ts';
import { netRxAction } from './napi/net-rx-action.ts';
import { NetState, type NetCoreParts } from './net-core.ts';
import { inetOffload } from './offload/inet-gro.ts';
import { OffloadRegistry } from './offload/offloads.ts';
import { tcpOffload } from './offload/tcp-gro.ts';
import { processBacklog } from './receive/netif-rx.ts';
import { netTxAction } from './transmit/net-tx-action.ts';

/**
 * The core of one host, with a backlog for each CPU, the actions of the two softirqs, and the offloads of TCP over
 * IPv4. Hosts get it from the plugin `netdev()`.
 *
 * @kernel net/core/dev.c net_dev_init()
 */
export function netDevInit(parts: NetCoreParts): NetState {
  const core = new NetState(parts, makeBacklog);
  const offloads = new OffloadRegistry(core);
  offloads.addPacket(inetOffload(core));
  offloads.addInet(tcpOffload);
  parts.cpus.openSoftirq(NET_TX_SOFTIRQ, (cpu) => netTxAction(core, cpu));
  parts.cpus.openSoftirq(NET_RX_SOFTIRQ, (cpu) => netRxAction(core, cpu));
  return core;
}

/** The poller of a CPU's backlog; its device only says to which host it belongs. @kernel net/core/dev.c init_dummy_netdev() */
function makeBacklog(core: NetState): NapiStruct {
  const dev = new NetDevice('backlog', { open: () => -ENODEV, stop: () => 0, startXmit: () => NETDEV_TX_BUSY });
  dev.core = core;
  const napi = new NapiStruct(dev, processBacklog, core.sysctl.devRxWeight);
  napi.enabled = true;
  return napi;
}
