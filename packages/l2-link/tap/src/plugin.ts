import { Clock, Random, VirtualClock } from '@stack/clock';
import {
  allocEtherdev,
  NETDEV_UNREGISTER,
  NETIF_F_FRAGLIST,
  NETIF_F_HW_CSUM,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO_ECN,
  NetCore,
  parseEthAddress,
  randomEthAddress,
  registerNetdevice,
  registerNetdeviceNotifier,
  unregisterNetdevice,
  type NetDevice,
} from '@stack/netdev';
import { StackError, type Plugin, type Services } from '@stack/plugin';
import { loadLibc } from './libc.ts';
import { openTap } from './open-tap.ts';
import { processPoller } from './poller.ts';
import { TapDriver } from './tap-driver.ts';

export interface TapOptions {
  /** Of Linux's interface: 1 to 15 characters. It is made if there is none, and then vanishes with the device. */
  name: string;
  /** A network namespace of Linux in which the interface is, by its name; that of the process unless given. */
  namespace?: string;
  /** Of the stack's end, as `02:00:00:00:00:01`; a random one unless given. */
  mac?: string;
}

/** The most that fits a datagram, with its Ethernet header. @kernel drivers/net/tun.c MAX_MTU */
const MAX_MTU = 65_535 - 14;

/**
 * Makes a network device whose other end is an interface of the Linux kernel, and registers it. It is called
 * `device`, or else as Linux's end is. Unregistering it gives everything back. Throws `ERR_STACK_TAP_*` with the
 * remedy.
 */
export function createTap(services: Services, options: TapOptions, device: string = options.name): NetDevice {
  if (services.get(Clock) instanceof VirtualClock) {
    throw new StackError(
      'ERR_STACK_TAP_CLOCK',
      'the kernel does not wait for a virtual clock',
      'give the host realClock()',
    );
  }
  const core = services.get(NetCore);
  const libc = loadLibc();
  const mac = options.mac === undefined ? randomEthAddress(services.get(Random)) : parseEthAddress(options.mac);
  const fd = openTap(libc, options.name, options.namespace);
  const dev = allocEtherdev(device, {
    open: () => driver.open(),
    stop: () => driver.stop(),
    startXmit: (skb) => driver.startXmit(skb),
  });
  dev.devAddr.set(mac);
  dev.maxMtu = MAX_MTU;
  dev.hwFeatures = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO_ECN | NETIF_F_RXCSUM;
  dev.features = dev.hwFeatures;
  const driver = new TapDriver({ libc, poller: processPoller(libc), pool: core.pool, cpus: core.cpus }, fd, dev);
  const forget = registerNetdeviceNotifier(core, (event, gone) => {
    if (event !== NETDEV_UNREGISTER || gone !== dev) return;
    forget();
    driver.close();
  });
  registerNetdevice(core, dev);
  return dev;
}

/** Puts a TAP device into a host that is put together from plugins. It is not opened yet. */
export function tap(options: TapOptions & { device?: string }): Plugin {
  return {
    name: 'tap',
    attach(services) {
      const dev = createTap(services, options, options.device);
      return () => unregisterNetdevice(dev);
    },
  };
}
