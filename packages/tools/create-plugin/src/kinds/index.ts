import { congestion } from './congestion.ts';
import { driver } from './driver.ts';
import { egress } from './egress.ts';
import { hook } from './hook.ts';
import type { Kind } from './kind.ts';
import { neighbour } from './neighbour.ts';
import { packetType } from './packet-type.ts';
import { policy } from './policy.ts';
import { protocol } from './protocol.ts';
import { qdisc } from './qdisc.ts';
import { queue } from './queue.ts';
import { socketFilter } from './socket-filter.ts';
import { tracer } from './tracer.ts';

/** What can be begun, in the order in which it is offered. */
export const kinds: readonly Kind[] = [
  hook,
  queue,
  qdisc,
  congestion,
  driver,
  protocol,
  packetType,
  neighbour,
  policy,
  egress,
  socketFilter,
  tracer,
];
