/** Words of the EEPROM. Manual 5.6. */
const WORDS = 64;
const SUBSYSTEM_ID = 0x0b;
const SUBSYSTEM_VENDOR = 0x0c;
const DEVICE_ID = 0x0d;
const VENDOR_ID = 0x0e;
const CHECKSUM = 0x3f;
/** What all words together add up to. */
const SUM = 0xbaba;
const ADDRESS_BITS = 6;

/** EECD. Manual 13.4.3. */
const EECD_SK = 1 << 0;
const EECD_CS = 1 << 1;
const EECD_DI = 1 << 2;
const EECD_DO = 1 << 3;
const EECD_FWE_ENABLED = 2 << 4;
const EECD_REQ = 1 << 6;
const EECD_GNT = 1 << 7;
const EECD_PRES = 1 << 8;
const EECD_WRITABLE = EECD_SK | EECD_CS | EECD_DI | (3 << 4) | EECD_REQ;

/** EERD. Manual 13.4.4. */
const EERD_START = 1 << 0;
const EERD_DONE = 1 << 4;

/** The factory's image for a card with this address. */
export function eepromImage(mac: Uint8Array): Uint16Array {
  const words = new Uint16Array(WORDS).fill(0xffff);
  for (let i = 0; i < 3; i++) words[i] = mac[2 * i] | (mac[2 * i + 1] << 8);
  words[0x03] = 0x0000; // compatibility: none of the old errata
  words[0x0a] = 0x640a; // initialisation control 1: ids are loaded from here, 3.3 V signals
  words[SUBSYSTEM_ID] = 0x001e;
  words[SUBSYSTEM_VENDOR] = 0x8086;
  words[DEVICE_ID] = 0x100e;
  words[VENDOR_ID] = 0x8086;
  words[0x0f] = 0x3040; // initialisation control 2: auto-negotiation, advertise PAUSE
  words[0x2f] = 0x0602; // LEDs: activity and link
  sealEeprom(words);
  return words;
}

/** Makes the checksum word right. */
export function sealEeprom(words: Uint16Array): void {
  let sum = 0;
  for (let i = 0; i < CHECKSUM; i++) sum += words[i];
  words[CHECKSUM] = SUM - sum;
}

/** What the Microwire part does with the next bits. */
type Phase = 'idle' | 'command' | 'reading' | 'writing';

/** A Microwire EEPROM of 64 words, read by EERD or bit by bit through EECD. */
export class Eeprom {
  readonly words: Uint16Array;
  #eecd = EECD_FWE_ENABLED;
  #eerd = 0;
  #phase: Phase = 'idle';
  #shift = 0;
  #bits = 0;
  #address = 0;
  #out = 1;
  #writeEnabled = false;

  constructor(words: Uint16Array) {
    this.words = words;
  }

  get eecd(): number {
    const granted = (this.#eecd & EECD_REQ) !== 0 ? EECD_GNT : 0;
    return this.#eecd | EECD_PRES | granted | (this.#out !== 0 ? EECD_DO : 0);
  }

  set eecd(value: number) {
    const before = this.#eecd;
    this.#eecd = value & EECD_WRITABLE;
    if ((value & EECD_CS) === 0) this.#deselect();
    else if ((value & EECD_SK) !== 0 && (before & EECD_SK) === 0) this.#clockIn((value & EECD_DI) !== 0 ? 1 : 0);
  }

  get eerd(): number {
    return this.#eerd;
  }

  set eerd(value: number) {
    if ((value & EERD_START) === 0) return;
    const address = (value >>> 8) & 0xff;
    const word = address < WORDS ? this.words[address] : 0xffff;
    this.#eerd = (word << 16) | (address << 8) | EERD_DONE;
  }

  reset(): void {
    this.#eecd = EECD_FWE_ENABLED;
    this.#eerd = 0;
    this.#writeEnabled = false;
    this.#deselect();
  }

  #deselect(): void {
    this.#phase = 'idle';
    this.#shift = this.#bits = 0;
    this.#out = 1; // ready
  }

  /** A rising edge of the clock. */
  #clockIn(bit: number): void {
    if (this.#phase === 'idle') {
      if (bit === 1) this.#phase = 'command'; // the start bit
      return;
    }
    if (this.#phase === 'reading') return this.#shiftOut();
    this.#shift = (this.#shift << 1) | bit;
    this.#bits++;
    if (this.#phase === 'command' && this.#bits === 2 + ADDRESS_BITS) this.#command();
    else if (this.#phase === 'writing' && this.#bits === 16) this.#store();
  }

  #command(): void {
    const opcode = this.#shift >>> ADDRESS_BITS;
    this.#address = this.#shift & (WORDS - 1);
    const argument = this.#address >>> (ADDRESS_BITS - 2);
    this.#shift = this.#bits = 0;
    this.#phase = 'idle';
    if (opcode === 2) this.#beginRead();
    else if (opcode === 1) this.#phase = 'writing';
    else if (opcode === 3) this.#put(0xffff);
    else if (argument === 3) this.#writeEnabled = true;
    else if (argument === 0) this.#writeEnabled = false;
  }

  /** A zero comes before the word. */
  #beginRead(): void {
    this.#phase = 'reading';
    this.#out = 0;
    this.#shift = this.words[this.#address];
    this.#bits = 16;
  }

  /** Behind a word follows the next one. */
  #shiftOut(): void {
    if (this.#bits === 0) {
      this.#address = (this.#address + 1) & (WORDS - 1);
      this.#shift = this.words[this.#address];
      this.#bits = 16;
    }
    this.#out = (this.#shift >>> --this.#bits) & 1;
  }

  #store(): void {
    this.#put(this.#shift);
    this.#deselect();
  }

  #put(word: number): void {
    if (this.#writeEnabled) this.words[this.#address] = word;
  }
}
