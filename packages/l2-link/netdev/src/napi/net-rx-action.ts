import { USEC } from '@stack/clock';
import { NET_RX_SOFTIRQ, type Cpu } from '@stack/softirq';
import { NO_PACKET, trace, tracing } from '@stack/trace';
import type { NetCore } from '../net-core.ts';
import { groNormalList, napiGroFlush } from './gro-flush.ts';
import type { NapiList } from './napi-list.ts';
import type { NapiStruct } from './napi-struct.ts';

/**
 * NET_RX_SOFTIRQ: polls the devices that have packets, within the budget of packets and time. Who has more to do is
 * polled in the next round.
 *
 * @kernel net/core/dev.c net_rx_action()
 */
export function netRxAction(core: NetCore, cpu: Cpu): void {
  if (tracing.on) trace('net_rx_action', NO_PACKET);
  const outer = core.softnet;
  const softnet = core.softnets[cpu.cpu];
  core.softnet = softnet;
  const { pollList, polling, repoll } = softnet;
  const { netdevBudget, netdevBudgetUsecs } = core.sysctl;
  const timeLimit = core.clock.now() + netdevBudgetUsecs * USEC;
  let budget = netdevBudget;
  polling.append(pollList);
  for (let napi = polling.shift(); napi !== null; napi = polling.shift()) {
    budget -= napiPoll(napi, repoll);
    if (budget <= 0 || core.clock.now() >= timeLimit) {
      softnet.timeSqueeze++;
      break;
    }
  }
  polling.append(pollList);
  polling.append(repoll);
  pollList.append(polling);
  if (!pollList.empty) cpu.raiseSoftirqIrqoff(NET_RX_SOFTIRQ);
  core.softnet = outer;
}

/** Calls one poller, and notes it for the next round if it has more to do. Returns how many packets it took. @kernel net/core/dev.c napi_poll() */
function napiPoll(napi: NapiStruct, repoll: NapiList): number {
  if (tracing.on) trace('napi_poll', NO_PACKET, napi.dev.name);
  if (!napi.enabled) {
    napi.scheduled = false;
    return 0;
  }
  const { weight } = napi;
  napi.polls++;
  const work = napi.poll(napi, weight);
  if (work < weight) return work;
  napi.received += work;
  if (!napi.enabled) {
    napi.scheduled = false;
    return work;
  }
  // Packets that were held back in an earlier jiffy have waited long enough.
  if (napi.groBitmask !== 0) napiGroFlush(napi, true);
  groNormalList(napi);
  repoll.push(napi);
  return work;
}
