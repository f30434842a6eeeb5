import { EERD_ADDR_SHIFT, EERD_DATA_SHIFT, EERD_DONE, EERD_START } from '../bits.ts';
import { EERD } from '../registers.ts';
import type { E1000Hw } from './hw.ts';

/** Words of the EEPROM that are summed, and what they add up to. */
const EEPROM_CHECKSUM_WORDS = 0x40;
const EEPROM_SUM = 0xbaba;
/** Which flow control the board's maker wants. */
export const EEPROM_INIT_CONTROL2 = 0x0f;
export const EEPROM_WORD0F_PAUSE = 1 << 12;
export const EEPROM_WORD0F_ASM_DIR = 1 << 13;

/** A 16-bit word; -1 when the chip does not answer. @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_read_eeprom() */
export function e1000ReadEeprom(hw: E1000Hw, word: number): number {
  hw.write(EERD, (word << EERD_ADDR_SHIFT) | EERD_START);
  return hw.poll(EERD, EERD_DONE, true) ? hw.read(EERD) >>> EERD_DATA_SHIFT : -1;
}

/** @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_validate_eeprom_checksum() */
export function e1000ValidateEepromChecksum(hw: E1000Hw): boolean {
  let sum = 0;
  for (let word = 0; word < EEPROM_CHECKSUM_WORDS; word++) {
    const value = e1000ReadEeprom(hw, word);
    if (value < 0) return false;
    sum += value;
  }
  return (sum & 0xffff) === EEPROM_SUM;
}

/** The board's own address, into `hw.macAddr`. @kernel drivers/net/ethernet/intel/e1000/e1000_hw.c e1000_read_mac_addr() */
export function e1000ReadMacAddr(hw: E1000Hw): void {
  for (let i = 0; i < 3; i++) {
    const word = e1000ReadEeprom(hw, i);
    hw.macAddr[2 * i] = word;
    hw.macAddr[2 * i + 1] = word >>> 8;
  }
}
