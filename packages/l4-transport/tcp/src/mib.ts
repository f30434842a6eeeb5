const TCP = [
  'ActiveOpens',
  'PassiveOpens',
  'AttemptFails',
  'EstabResets',
  'CurrEstab',
  'InSegs',
  'OutSegs',
  'RetransSegs',
  'InErrs',
  'OutRsts',
  'InCsumErrors',
] as const;

const TCP_EXT = [
  'SyncookiesSent',
  'SyncookiesRecv',
  'SyncookiesFailed',
  'EmbryonicRsts',
  'PruneCalled',
  'RcvPruned',
  'OfoPruned',
  'TW',
  'TWRecycled',
  'PAWSActive',
  'PAWSEstab',
  'PAWSOldAck',
  'BeyondWindow',
  'TSEcrRejected',
  'DelayedACKs',
  'DelayedACKLocked',
  'DelayedACKLost',
  'ListenOverflows',
  'ListenDrops',
  'TCPHPHits',
  'TCPPureAcks',
  'TCPHPAcks',
  'TCPRenoRecovery',
  'TCPSackRecovery',
  'TCPSACKReneging',
  'TCPSACKReorder',
  'TCPRenoReorder',
  'TCPTSReorder',
  'TCPFullUndo',
  'TCPPartialUndo',
  'TCPDSACKUndo',
  'TCPLossUndo',
  'TCPLostRetransmit',
  'TCPRenoFailures',
  'TCPSackFailures',
  'TCPLossFailures',
  'TCPFastRetrans',
  'TCPSlowStartRetrans',
  'TCPTimeouts',
  'TCPLossProbes',
  'TCPLossProbeRecovery',
  'TCPRenoRecoveryFail',
  'TCPSackRecoveryFail',
  'TCPRcvCollapsed',
  'TCPBacklogCoalesce',
  'TCPDSACKOldSent',
  'TCPDSACKOfoSent',
  'TCPDSACKRecv',
  'TCPDSACKOfoRecv',
  'TCPAbortOnData',
  'TCPAbortOnClose',
  'TCPAbortOnMemory',
  'TCPAbortOnTimeout',
  'TCPAbortOnLinger',
  'TCPAbortFailed',
  'TCPSACKDiscard',
  'TCPDSACKIgnoredOld',
  'TCPDSACKIgnoredNoUndo',
  'TCPSpuriousRTOs',
  'TCPBacklogDrop',
  'TCPMinTTLDrop',
  'TCPDeferAcceptDrop',
  'TCPTimeWaitOverflow',
  'TCPReqQFullDoCookies',
  'TCPReqQFullDrop',
  'TCPRetransFail',
  'TCPRcvCoalesce',
  'TCPOFOQueue',
  'TCPOFODrop',
  'TCPOFOMerge',
  'TCPChallengeACK',
  'TCPSYNChallenge',
  'TCPSpuriousRtxHostQueues',
  'TCPAutoCorking',
  'TCPFromZeroWindowAdv',
  'TCPToZeroWindowAdv',
  'TCPWantZeroWindowAdv',
  'TCPSynRetrans',
  'TCPOrigDataSent',
  'TCPHystartTrainDetect',
  'TCPHystartTrainCwnd',
  'TCPHystartDelayDetect',
  'TCPHystartDelayCwnd',
  'TCPACKSkippedSynRecv',
  'TCPACKSkippedPAWS',
  'TCPACKSkippedSeq',
  'TCPACKSkippedFinWait2',
  'TCPACKSkippedTimeWait',
  'TCPACKSkippedChallenge',
  'TCPWinProbe',
  'TCPKeepAlive',
  'TCPDelivered',
  'TCPDeliveredCE',
  'TCPAckCompressed',
  'TCPZeroWindowDrop',
  'TCPRcvQDrop',
  'TCPWqueueTooBig',
  'TCPTimeoutRehash',
  'TCPDSACKRecvSegs',
  'LockDroppedIcmps',
  'OutOfWindowIcmps',
  'TCPRcvQDropMem',
] as const;

type Numbers<T extends readonly string[]> = { readonly [N in T[number]]: number };

function numbers<T extends readonly string[]>(names: T): Numbers<T> {
  return Object.freeze(Object.fromEntries(names.map((name, index) => [name, index]))) as Numbers<T>;
}

/** Index of each counter in {@link TcpMib.tcp}, with the names of /proc/net/snmp. */
export const Tcp = numbers(TCP);
/** Index of each counter in {@link TcpMib.ext}, with the names of /proc/net/netstat. */
export const TcpExt = numbers(TCP_EXT);

/** What TCP counted on one host since the beginning. @kernel include/net/snmp.h struct tcp_mib */
export class TcpMib {
  readonly tcp = new Float64Array(TCP.length);
  readonly ext = new Float64Array(TCP_EXT.length);

  /** All counters by name, as `nstat` lists them: `TcpActiveOpens`, `TcpExtTCPTimeouts`. */
  snapshot(): Record<string, number> {
    const tcp = TCP.map((name, i) => [`Tcp${name}`, this.tcp[i]]);
    const ext = TCP_EXT.map((name, i) => [`TcpExt${name}`, this.ext[i]]);
    return Object.fromEntries([...tcp, ...ext]) as Record<string, number>;
  }
}
