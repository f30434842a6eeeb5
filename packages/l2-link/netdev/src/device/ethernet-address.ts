import type { Random } from '@stack/clock';
import { StackError } from '@stack/plugin';

const ALEN = 6;

/** `02:00:5e:10:00:01` */
export function formatEthAddress(address: Uint8Array): string {
  return Array.from(address, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Reads `02:00:5e:10:00:01`. Throws `ERR_STACK_ETH_ADDRESS` for anything else. */
export function parseEthAddress(text: string): Uint8Array {
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i.test(text)) {
    throw new StackError(
      'ERR_STACK_ETH_ADDRESS',
      `${text} is no Ethernet address`,
      'write six hexadecimal bytes, as in 02:00:5e:10:00:01',
    );
  }
  return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
}

/** A locally administered unicast address. @kernel include/linux/etherdevice.h eth_random_addr() */
export function randomEthAddress(random: Random): Uint8Array {
  const address = Uint8Array.from({ length: ALEN }, () => random.below(256));
  address[0] = (address[0] & 0xfe) | 0x02;
  return address;
}

/** Unicast and not zero. @kernel include/linux/etherdevice.h is_valid_ether_addr() */
export function isValidEtherAddr(address: Uint8Array): boolean {
  return address.length === ALEN && (address[0] & 1) === 0 && address.some((byte) => byte !== 0);
}
