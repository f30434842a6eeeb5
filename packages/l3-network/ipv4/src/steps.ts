import type { OkFn } from '@stack/netfilter';
import { DropReason } from '@stack/skb';
import { EINVAL } from '@stack/plugin';
import { ipForward, ipForwardFinish } from './input/forward.ts';
import { ipLocalDeliver, ipLocalDeliverFinish } from './input/deliver.ts';
import { ipRcvFinish } from './input/receive-finish.ts';
import type { NetnsIpv4 } from './netns.ts';
import { ipFinishOutput, ipOutput } from './output/finish.ts';
import { dstOutput } from './output/local-out.ts';
import { devLoopbackXmit, ipMcOutput } from './output/multicast.ts';
import { ipFinishOutput2 } from './output/neighbour.ts';
import { ipError } from './route/error.ts';

/**
 * The steps of a packet's way that are reached through a route or behind a hook, made once for each host: nothing on the
 * path makes a function.
 */
export interface Steps {
  readonly rcvFinish: OkFn;
  readonly localDeliver: OkFn;
  readonly localDeliverFinish: OkFn;
  readonly forward: OkFn;
  readonly forwardFinish: OkFn;
  readonly error: OkFn;
  readonly dstOutput: OkFn;
  readonly output: OkFn;
  readonly mcOutput: OkFn;
  readonly mcFinishOutput: OkFn;
  readonly finishOutput: OkFn;
  readonly finishOutput2: OkFn;
  readonly discard: OkFn;
}

export function makeSteps(net: NetnsIpv4): Steps {
  return {
    rcvFinish: (skb) => ipRcvFinish(net, skb),
    localDeliver: (skb) => ipLocalDeliver(net, skb),
    localDeliverFinish: (skb) => ipLocalDeliverFinish(net, skb),
    forward: (skb) => ipForward(net, skb),
    forwardFinish: (skb) => ipForwardFinish(net, skb),
    error: (skb) => ipError(net, skb),
    dstOutput,
    output: (skb) => ipOutput(net, skb),
    mcOutput: (skb) => ipMcOutput(net, skb),
    mcFinishOutput: devLoopbackXmit,
    finishOutput: (skb) => ipFinishOutput(net, skb),
    finishOutput2: (skb) => ipFinishOutput2(net, skb),
    discard,
  };
}

/** A packet on a route that does not lead this way. @kernel net/core/dst.c dst_discard_out() */
const discard: OkFn = (skb) => {
  skb.drop(DropReason.NOT_SPECIFIED);
  return -EINVAL;
};
