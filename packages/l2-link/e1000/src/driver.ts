import type { NetCore } from '@stack/netdev';
import type { PciDev, PciDriver } from '@stack/pci';
import { e1000CheckOptions, type E1000Parameters } from './params.ts';
import { e1000Shutdown, e1000Resume, e1000Suspend } from './power.ts';
import { e1000Probe, e1000Remove } from './probe.ts';
import { e1000ErrHandler } from './recovery.ts';

const INTEL = 0x8086;
/** @kernel drivers/net/ethernet/intel/e1000/e1000_hw.h E1000_DEV_ID_82540EM */
const E1000_DEV_ID_82540EM = 0x100e;

/** The same for all chips, or chosen for each when it is found. */
export type E1000Choice = E1000Parameters | ((pdev: PciDev) => E1000Parameters);

/**
 * The driver, for `PciDrivers.register`. Throws `ERR_STACK_E1000_PARAMETER` for parameters out of range; those chosen for
 * a chip are checked when it is found.
 *
 * @kernel drivers/net/ethernet/intel/e1000/e1000_main.c e1000_init_module(), e1000_driver
 */
export function e1000PciDriver(core: NetCore, choice: E1000Choice = {}): PciDriver {
  const choose = typeof choice === 'function' ? choice : always(choice);
  return {
    name: 'e1000',
    idTable: [{ vendor: INTEL, device: E1000_DEV_ID_82540EM }],
    probe: (pdev) => e1000Probe(core, pdev, e1000CheckOptions(choose(pdev))),
    remove: e1000Remove,
    shutdown: e1000Shutdown,
    suspend: e1000Suspend,
    resume: e1000Resume,
    errHandler: e1000ErrHandler,
  };
}

function always(parameters: E1000Parameters): () => E1000Parameters {
  e1000CheckOptions(parameters);
  return () => parameters;
}
