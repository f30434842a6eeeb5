import { mibIndex } from './mib.ts';

/** Counters of ICMP. @rfc 4293 @kernel net/ipv4/proc.c icmpmibmap */
export const ICMP_MIB_NAMES = [
  'IcmpInMsgs',
  'IcmpInErrors',
  'IcmpInCsumErrors',
  'IcmpOutMsgs',
  'IcmpOutErrors',
  'IcmpOutRateLimitGlobal',
  'IcmpOutRateLimitHost',
  'IcmpInDestUnreachs',
  'IcmpInTimeExcds',
  'IcmpInParmProbs',
  'IcmpInSrcQuenchs',
  'IcmpInRedirects',
  'IcmpInEchos',
  'IcmpInEchoReps',
  'IcmpInTimestamps',
  'IcmpInTimestampReps',
  'IcmpInAddrMasks',
  'IcmpInAddrMaskReps',
  'IcmpOutDestUnreachs',
  'IcmpOutTimeExcds',
  'IcmpOutParmProbs',
  'IcmpOutSrcQuenchs',
  'IcmpOutRedirects',
  'IcmpOutEchos',
  'IcmpOutEchoReps',
  'IcmpOutTimestamps',
  'IcmpOutTimestampReps',
  'IcmpOutAddrMasks',
  'IcmpOutAddrMaskReps',
] as const;

export type IcmpMibName = (typeof ICMP_MIB_NAMES)[number];
export const IcmpMib = mibIndex(ICMP_MIB_NAMES);

const NONE = -1;
const { IcmpInDestUnreachs, IcmpInTimeExcds, IcmpInParmProbs, IcmpInSrcQuenchs, IcmpInRedirects } = IcmpMib;
const { IcmpInEchos, IcmpInEchoReps, IcmpInTimestamps, IcmpInTimestampReps, IcmpInAddrMasks, IcmpInAddrMaskReps } =
  IcmpMib;

/** Counter of each type received, from type 0 to 18; those of types sent follow at a fixed distance. */
const IN_BY_TYPE = [
  IcmpInEchoReps,
  NONE,
  NONE,
  IcmpInDestUnreachs,
  IcmpInSrcQuenchs,
  IcmpInRedirects,
  NONE,
  NONE,
  IcmpInEchos,
  NONE,
  NONE,
  IcmpInTimeExcds,
  IcmpInParmProbs,
  IcmpInTimestamps,
  IcmpInTimestampReps,
  NONE,
  NONE,
  IcmpInAddrMasks,
  IcmpInAddrMaskReps,
];
const IN_TO_OUT = IcmpMib.IcmpOutDestUnreachs - IcmpMib.IcmpInDestUnreachs;

/** Counts a message received. @kernel include/net/icmp.h ICMPMSGIN_INC_STATS() */
export function countIn(counts: Float64Array, type: number): void {
  const index = IN_BY_TYPE[type] ?? NONE;
  if (index !== NONE) counts[index]++;
}

/** Counts a message sent. @kernel net/ipv4/icmp.c icmp_out_count() */
export function countOut(counts: Float64Array, type: number): void {
  const index = IN_BY_TYPE[type] ?? NONE;
  counts[IcmpMib.IcmpOutMsgs]++;
  if (index !== NONE) counts[index + IN_TO_OUT]++;
}
