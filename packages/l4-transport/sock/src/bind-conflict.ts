import { TCP_LISTEN } from './states.ts';
import type { BindBucket } from './bind-bucket.ts';
import type { PortOwner } from './sock-common.ts';

/**
 * Whether `sk` may not have the bucket's port because of somebody who holds it. Two may share a port if their
 * addresses or devices differ, if both said SO_REUSEADDR and none listens, or if both said SO_REUSEPORT.
 * `strict` (for a port that the stack chooses): not even by SO_REUSEADDR or SO_REUSEPORT at the same address.
 *
 * @kernel net/ipv4/inet_connection_sock.c inet_csk_bind_conflict()
 */
export function inetCskBindConflict(sk: PortOwner, bucket: BindBucket, strict: boolean): boolean {
  for (let other = bucket.owners; other !== null; other = other.bindNext) {
    if (other === sk || !sameDevice(sk, other) || !sameAddress(sk, other)) continue;
    const shared = (sk.reuse && other.reuse && other.state !== TCP_LISTEN) || (sk.reuseport && other.reuseport);
    if (strict || !shared) return true;
  }
  return false;
}

function sameDevice(a: PortOwner, b: PortOwner): boolean {
  return a.boundDevIf === 0 || b.boundDevIf === 0 || a.boundDevIf === b.boundDevIf;
}

/** @kernel net/ipv4/inet_connection_sock.c inet_rcv_saddr_equal() */
function sameAddress(a: PortOwner, b: PortOwner): boolean {
  return a.rcvSaddr === b.rcvSaddr || a.rcvSaddr === 0 || b.rcvSaddr === 0;
}
