/** What the cable did to a frame: bits, of which several may be set. 0: it was carried unharmed. */
export const FATE_LOST = 1 << 0;
export const FATE_QUEUE_FULL = 1 << 1;
export const FATE_NO_MEMORY = 1 << 2;
export const FATE_LINK_DOWN = 1 << 3;
export const FATE_CORRUPTED = 1 << 4;
export const FATE_DUPLICATED = 1 << 5;
export const FATE_REORDERED = 1 << 6;
/** Any of these: the frame does not arrive. */
export const FATE_GONE = FATE_LOST | FATE_QUEUE_FULL | FATE_NO_MEMORY | FATE_LINK_DOWN;

const NAMES = ['lost', 'queue full', 'no memory', 'link down', 'corrupted', 'duplicated', 'reordered'];

/** In words: `corrupted, duplicated`; empty for a frame that was carried unharmed. */
export function fateName(fate: number): string {
  return NAMES.filter((_, bit) => fate & (1 << bit)).join(', ');
}
