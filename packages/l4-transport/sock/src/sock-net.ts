import type { Random } from '@stack/clock';
import { token } from '@stack/plugin';

/**
 * What all sockets of a host share: the random source, and the settings that `sysctl` shows under net.core and
 * net.ipv4. Settings may be changed at any time and hold for what happens afterwards.
 */
export class SockNet {
  readonly random: Random;
  /** First and last port that the stack chooses by itself. @kernel net/ipv4/sysctl_net_ipv4.c ip_local_port_range */
  localPortLow = 32_768;
  localPortHigh = 60_999;
  /** Ports never chosen, though they may be bound. @kernel net/ipv4/sysctl_net_ipv4.c ip_local_reserved_ports */
  readonly reservedPorts = new Set<number>();
  /** Bytes. @kernel net/core/sysctl_net_core.c rmem_default */
  rmemDefault = 212_992;
  rmemMax = 4_194_304;
  wmemDefault = 212_992;
  wmemMax = 4_194_304;
  /** What a socket may use besides its buffers, bytes. @kernel net/core/sysctl_net_core.c optmem_max */
  optmemMax = 131_072;
  /** The longest accept queue. @kernel net/core/sysctl_net_core.c somaxconn */
  somaxconn = 4_096;

  constructor(random: Random) {
    this.random = random;
  }
}

export const SockNetwork = token<SockNet>('SockNetwork', 'add sockets() of @stack/sock to the host');
