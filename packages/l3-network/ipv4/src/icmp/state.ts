import type { Undo } from '@stack/plugin';
import { StackError } from '@stack/plugin';
import type { SkBuff } from '@stack/skb';
import { Mib } from '../mib/mib.ts';
import { ICMP_MIB_NAMES, type IcmpMibName } from '../mib/icmp-mib.ts';
import { IcmpRateLimit } from './rate-limit.ts';

/** Who sent echo requests and waits for the replies. */
export interface PingListener {
  /** A reply came; `data` is at the ICMP header, `networkHeader` at the IP header. Only reads the skb. */
  reply(skb: SkBuff): void;
  /** An error about a request of his came from `from`; ICMP type and code. */
  error(type: number, code: number, from: number, sequence: number): void;
}

/** ICMP of one host. @kernel include/net/netns/ipv4.h struct netns_ipv4 */
export class IcmpState {
  readonly mib = new Mib<IcmpMibName>(ICMP_MIB_NAMES);
  readonly limit = new IcmpRateLimit();
  /** Messages sent by type, then received by type: IcmpMsg in nstat. */
  readonly sent = new Float64Array(256);
  readonly received = new Float64Array(256);
  /** While a message is being sent, no other is: an error about an error of our own would never end. */
  busy = false;
  readonly #pings = new Map<number, PingListener>();

  /**
   * Receives what comes back for echo requests with this identifier (0 to 65,535). Throws `ERR_STACK_PING_TAKEN`.
   *
   * @kernel net/ipv4/ping.c ping_get_port()
   */
  listen(id: number, listener: PingListener): Undo {
    if (this.#pings.has(id)) {
      throw new StackError(
        'ERR_STACK_PING_TAKEN',
        `somebody else pings with identifier ${id}`,
        'take another identifier',
      );
    }
    this.#pings.set(id, listener);
    return () => {
      if (this.#pings.get(id) === listener) this.#pings.delete(id);
    };
  }

  /** @kernel net/ipv4/ping.c ping_lookup() */
  listener(id: number): PingListener | null {
    return this.#pings.get(id) ?? null;
  }
}
