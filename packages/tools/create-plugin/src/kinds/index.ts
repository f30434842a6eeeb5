import { congestion } from './congestion.ts';
import { driver } from './driver.ts';
import { hook } from './hook.ts';
import type { Kind } from './kind.ts';
import { packetType } from './packet-type.ts';
import { protocol } from './protocol.ts';
import { qdisc } from './qdisc.ts';

/** What can be begun, in the order in which it is offered. */
export const kinds: readonly Kind[] = [hook, qdisc, congestion, driver, protocol, packetType];
