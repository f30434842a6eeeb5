const BITS: Readonly<Record<string, number>> = {
  F: 0x01,
  S: 0x02,
  R: 0x04,
  P: 0x08,
  '.': 0x10,
  U: 0x20,
  E: 0x40,
  W: 0x80,
  C: 0x80,
  A: 0x100,
  '-': 0,
};

export const FIN = BITS.F;
export const SYN = BITS.S;
export const RST = BITS.R;
export const PSH = BITS.P;
export const ACK = BITS['.'];
export const URG = BITS.U;
export const ECE = BITS.E;
export const CWR = BITS.W;
export const AE = BITS.A;

/** Letters as tcpdump has them, `W` and `A` for CWR and AE, or one digit for the three ACE bits. Null for anything else. */
export function flagBits(text: string): number | null {
  let bits = 0;
  for (const letter of text) {
    if (letter >= '0' && letter <= '7') bits |= aceBits(Number(letter));
    else if (Object.hasOwn(BITS, letter)) bits |= BITS[letter];
    else return null;
  }
  return bits;
}

function aceBits(ace: number): number {
  return ((ace & 4) !== 0 ? AE : 0) | ((ace & 2) !== 0 ? CWR : 0) | ((ace & 1) !== 0 ? ECE : 0);
}

export function flagLetters(bits: number): string {
  const letters = ['F', 'S', 'R', 'P', 'U', 'E', 'W', 'A', '.'].filter((letter) => (bits & BITS[letter]) !== 0);
  return letters.join('') || '-';
}
