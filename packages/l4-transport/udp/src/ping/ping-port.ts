import type { Sock } from '@stack/sock';
import type { PingSock } from './ping-sock.ts';

/** Gives a ping socket its identifier: `id`, or one that is free for 0. 0, or 1 when it is taken. @kernel net/ipv4/ping.c ping_get_port() */
export function pingGetPort(sock: Sock, id: number): number {
  const sk = sock as PingSock;
  const { icmp } = sk.home.ipv4;
  const chosen = id === 0 ? sk.home.freeIdentifier() : id;
  if (chosen === 0 || icmp.listener(chosen) !== null) return 1;
  sk.release = icmp.listen(chosen, sk);
  sk.boundPort = chosen;
  return 0;
}

/** @kernel net/ipv4/ping.c ping_unhash() */
export function pingUnhash(sk: PingSock): void {
  sk.release?.();
  sk.release = null;
  sk.boundPort = 0;
}
