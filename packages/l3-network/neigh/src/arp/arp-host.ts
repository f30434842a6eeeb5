import type { NetDevice } from '@stack/netdev';
import type { SkBuff } from '@stack/skb';
import { RTN_UNICAST } from '../rtn.ts';

/** What ARP asks of the layer above, which knows the host's addresses. All addresses are int32. */
export interface ArpHost {
  /** RTN_* of an address, as seen from a device. @kernel net/ipv4/fib_frontend.c inet_addr_type_dev_table() */
  addressType(dev: NetDevice, address: number): number;
  /**
   * RTN_* of what would become of a packet from `sender` to `target` that came in by `dev`; negative when it would be
   * refused. @kernel net/ipv4/route.c ip_route_input_noref()
   */
  inputType(skb: SkBuff, target: number, sender: number, dev: NetDevice): number;
  /** An address of ours to ask `target` from; 0 for none. @kernel net/ipv4/devinet.c inet_select_addr() */
  selectSource(dev: NetDevice, target: number): number;
  /** The neighbour cannot be reached: tells the sender of `skb`. Only reads it. @kernel net/ipv4/route.c ipv4_link_failure() */
  linkFailure(skb: SkBuff): void;
}

/** While no network layer is attached, no address is ours. */
export const NO_HOST: ArpHost = {
  addressType: () => RTN_UNICAST,
  inputType: () => RTN_UNICAST,
  selectSource: () => 0,
  linkFailure: () => {},
};
