import { devQueueXmit, formatEthAddress, NetCore, PacketTypes, type NetDevice } from '@stack/netdev';
import { token, type Plugin } from '@stack/plugin';
import { eth, skbShareCheck, type SkBuff } from '@stack/skb';

/** For local experiments. */
export const ETH_P_HELLO = 0x88b5;
const LONGEST_NAME = 64;

/** Who is out there, by MAC address. */
export interface Hellos {
  readonly neighbours: ReadonlyMap<string, string>;
  /** Says our name to everybody on the wire of a device. False when memory is lacking. */
  greet(dev: NetDevice): boolean;
}

export const Hellos = token<Hellos>('Hellos', 'add hello() to the host');

/** Frames of an ethertype of our own, with a name in them. */
export function hello(name: string): Plugin {
  const neighbours = new Map<string, string>();
  const bytes = new TextEncoder().encode(name).subarray(0, LONGEST_NAME);

  function receive(shared: SkBuff): number {
    const skb = skbShareCheck(shared);
    const length = Math.min(skb.len, LONGEST_NAME);
    if (skb.mayPull(length)) {
      const from = new Uint8Array(6);
      eth.source(skb, from);
      const { u8 } = skb.arena;
      const text = new TextDecoder().decode(u8.slice(skb.data, skb.data + length)).replace(/\0+$/, '');
      neighbours.set(formatEthAddress(from), text);
    }
    skb.consume();
    return 0;
  }

  return {
    name: 'hello',
    provide: (provider) =>
      provider.bind(Hellos, (services) => ({ neighbours, greet: (dev) => greet(services.get(NetCore), dev, bytes) })),
    attach: (services) => services.get(PacketTypes).add({ name: 'hello', type: ETH_P_HELLO, dev: null, func: receive }),
  };
}

function greet(core: NetCore, dev: NetDevice, name: Uint8Array): boolean {
  const skb = core.pool.alloc(dev.hardHeaderLen + LONGEST_NAME);
  if (skb === null) return false;
  skb.reserve(dev.hardHeaderLen);
  skb.resetNetworkHeader();
  skb.putData(name);
  skb.dev = dev;
  skb.protocol = ETH_P_HELLO;
  dev.headerOps!.create(skb, dev, ETH_P_HELLO, dev.broadcast, null);
  devQueueXmit(skb);
  return true;
}
