/** TCP flags as tcpdump and packetdrill write them: `S`, `S.`, `.`, `P.`, `F.`, `R`, with `E` and `W` for ECE and CWR. */
const LETTERS: readonly (readonly [string, number])[] = [
  ['F', 0x01],
  ['S', 0x02],
  ['R', 0x04],
  ['P', 0x08],
  ['E', 0x40],
  ['W', 0x80],
  ['A', 0x100],
  ['U', 0x20],
  ['.', 0x10],
];

export function flagsText(bits: number): string {
  return LETTERS.filter(([, bit]) => (bits & bit) !== 0)
    .map(([letter]) => letter)
    .join('');
}

export function flagsBits(text: string): number {
  let bits = 0;
  for (const letter of text) {
    const entry = LETTERS.find(([known]) => known === letter);
    if (entry === undefined) throw new Error(`no TCP flag: ${letter}`);
    bits |= entry[1];
  }
  return bits;
}
