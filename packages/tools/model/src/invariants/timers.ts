import type { TcpSock } from '@stack/tcp';
import { must } from '../violation.ts';

/** What has to happen some day has something that makes it happen. */
export function checkTimers(sk: TcpSock, who: string): void {
  const armed = sk.rexmitTimer !== null && sk.rexmitTimer.pending && sk.pendingTimer !== 0;
  const { packetsOut } = sk.snd;
  must(packetsOut === 0 || armed, () => `${who}: ${packetsOut} segments in flight and no timer`);
  // Unsent data waits for a probe, for its pace, or for the device to let go of what went before.
  const held = sk.deferred !== 0 || sk.pacing !== null || sk.wmemAlloc > 1;
  must(!sk.hasUnsent || packetsOut > 0 || armed || held, () => `${who}: unsent data, nothing in flight and no timer`);
}
