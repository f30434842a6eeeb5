import { StackError } from '@stack/plugin';
import { REQ_DESCRIPTOR_MULTIPLE } from './descriptors.ts';

/** How PAUSE frames are used: not at all, obeyed, sent, or both. */
export type FlowControl = 'none' | 'rx' | 'tx' | 'full';

/**
 * The module parameters, with Linux's names.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_param.c
 */
export interface E1000Parameters {
  /** Name of the interface, or a pattern with one `%d`: `eth%d` unless given. */
  name?: string;
  /** Descriptors in the transmit ring: 80 to 4,096, rounded up to a multiple of 8; 256 unless given. */
  txDescriptors?: number;
  /** The same of the receive ring. */
  rxDescriptors?: number;
  /**
   * Interrupts per second: 100 to 100,000; 0 for no limit; 1 and 3 adapt to the traffic, 3 more carefully. 0 unless
   * given: a chip here works in tasks of the clock and interrupts once for all that happened in one, so that interrupts
   * come in batches anyhow, and a limit would only add delay. (On a machine, Linux's default is 3.)
   */
  interruptThrottleRate?: number;
  /**
   * Delay of the interrupt after a packet was sent, in units of 1.024 us, 0 to 65,535; 64 unless given, for all that it
   * does is free memory, which the next received packet does as well. (Linux has 8: interrupts cost it less.)
   */
  txIntDelay?: number;
  /** However many packets follow, it comes after this time; 64 unless given. Without `txIntDelay` nothing. */
  txAbsIntDelay?: number;
  /** The same two for received packets; 0, no delay, and 8 unless given. */
  rxIntDelay?: number;
  rxAbsIntDelay?: number;
  /** What is offered to the link partner; what the EEPROM says unless given. */
  flowControl?: FlowControl;
  /** Whether the chip verifies checksums of received packets; yes unless given. */
  xsumRX?: boolean;
  /** Received frames up to this many bytes are copied and their buffer stays in the ring; 256 unless given. */
  copybreak?: number;
}

/** Parameters that are complete and in range. */
export interface CheckedParameters extends Readonly<Required<Omit<E1000Parameters, 'flowControl'>>> {
  /** Undefined: what the EEPROM says. */
  readonly flowControl: FlowControl | undefined;
}

/** The smallest and largest ring. */
const MIN_DESCRIPTORS = 80;
const MAX_DESCRIPTORS = 4096;
const DEFAULT_DESCRIPTORS = 256;
const MAX_DELAY = 0xffff;
const MIN_RATE = 100;
const MAX_RATE = 100_000;
/** Rates that are modes: none, dynamic, dynamic conservative. */
const MODES: readonly number[] = [0, 1, 3];
const DEFAULT_COPYBREAK = 256;
const LONGEST_COPY = 1522;
const FLOW_CONTROLS: readonly (string | undefined)[] = [undefined, 'none', 'rx', 'tx', 'full'];

/**
 * Fills in what is not given. Throws `ERR_STACK_E1000_PARAMETER` for a value out of range.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_param.c e1000_check_options()
 */
export function e1000CheckOptions(given: E1000Parameters): CheckedParameters {
  const { interruptThrottleRate = 0, flowControl } = given;
  if (!MODES.includes(interruptThrottleRate)) {
    inRange('interruptThrottleRate', interruptThrottleRate, MIN_RATE, MAX_RATE, ', or 0, 1 or 3');
  }
  if (!FLOW_CONTROLS.includes(flowControl)) refuse('flowControl', flowControl, `'none', 'rx', 'tx' or 'full'`);
  return {
    name: given.name ?? 'eth%d',
    txDescriptors: descriptors('txDescriptors', given.txDescriptors),
    rxDescriptors: descriptors('rxDescriptors', given.rxDescriptors),
    interruptThrottleRate,
    txIntDelay: inRange('txIntDelay', given.txIntDelay ?? 64, 0, MAX_DELAY),
    txAbsIntDelay: inRange('txAbsIntDelay', given.txAbsIntDelay ?? 64, 0, MAX_DELAY),
    rxIntDelay: inRange('rxIntDelay', given.rxIntDelay ?? 0, 0, MAX_DELAY),
    rxAbsIntDelay: inRange('rxAbsIntDelay', given.rxAbsIntDelay ?? 8, 0, MAX_DELAY),
    flowControl,
    xsumRX: given.xsumRX ?? true,
    copybreak: inRange('copybreak', given.copybreak ?? DEFAULT_COPYBREAK, 0, LONGEST_COPY),
  };
}

function descriptors(name: string, value: number = DEFAULT_DESCRIPTORS): number {
  inRange(name, value, MIN_DESCRIPTORS, MAX_DESCRIPTORS);
  return Math.ceil(value / REQ_DESCRIPTOR_MULTIPLE) * REQ_DESCRIPTOR_MULTIPLE;
}

function inRange(name: string, value: number, least: number, most: number, or = ''): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  return refuse(name, value, `${least} to ${most}${or}`);
}

function refuse(name: string, value: unknown, allowed: string): never {
  throw new StackError('ERR_STACK_E1000_PARAMETER', `${name} cannot be ${String(value)}`, `give ${allowed}`);
}
