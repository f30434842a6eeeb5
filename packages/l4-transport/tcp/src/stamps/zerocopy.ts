import { errorQueueOf, zerocopyDone } from '@stack/sock';
import { after } from '../seq.ts';
import type { TcpSock } from '../sock.ts';

/** A call with MSG_ZEROCOPY has written up to here: it is done with its bytes once they are acknowledged. @kernel net/core/skbuff.c msg_zerocopy_realloc() */
export function zerocopyWritten(sk: TcpSock): void {
  const queue = errorQueueOf(sk);
  queue.zerocopyPending.push({ number: queue.zerocopies++, end: sk.snd.writeSeq });
}

/** Tells of the calls whose bytes are acknowledged. @kernel net/core/skbuff.c msg_zerocopy_put_abort() */
export function zerocopyAcked(sk: TcpSock): void {
  const pending = sk.errors?.zerocopyPending;
  while (pending !== undefined && pending.length > 0 && !after(pending[0].end, sk.snd.una)) {
    zerocopyDone(sk, pending.shift()!.number);
  }
}

/** Nothing will be sent any more: all bytes are free. */
export function zerocopyPurge(sk: TcpSock): void {
  for (const { number } of sk.errors?.zerocopyPending.splice(0) ?? []) zerocopyDone(sk, number);
}
