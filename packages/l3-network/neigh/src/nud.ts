/**
 * What is known of a neighbour. One bit each, so that a test can ask for several.
 *
 * @kernel include/uapi/linux/neighbour.h NUD_INCOMPLETE
 */
export const NUD_NONE = 0x00;
/** Asked for; packets wait. */
export const NUD_INCOMPLETE = 0x01;
/** Heard of lately. */
export const NUD_REACHABLE = 0x02;
/** Known, not heard of for a while: the next packet starts a check. */
export const NUD_STALE = 0x04;
/** Used, and given time to prove itself by traffic. */
export const NUD_DELAY = 0x08;
/** Asked whether it is still there. */
export const NUD_PROBE = 0x10;
export const NUD_FAILED = 0x20;
/** Needs no resolution: multicast, broadcast, loopback. */
export const NUD_NOARP = 0x40;
/** Set by hand. */
export const NUD_PERMANENT = 0x80;

export const NUD_IN_TIMER = NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE;
/** The link-layer address may be used. */
export const NUD_VALID = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;
/** ... and needs no check. */
export const NUD_CONNECTED = NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE;

const names = new Map<number, string>([
  [NUD_NONE, 'NONE'],
  [NUD_INCOMPLETE, 'INCOMPLETE'],
  [NUD_REACHABLE, 'REACHABLE'],
  [NUD_STALE, 'STALE'],
  [NUD_DELAY, 'DELAY'],
  [NUD_PROBE, 'PROBE'],
  [NUD_FAILED, 'FAILED'],
  [NUD_NOARP, 'NOARP'],
  [NUD_PERMANENT, 'PERMANENT'],
]);

/** As `ip neigh` writes it. */
export function nudName(state: number): string {
  return names.get(state) ?? `0x${state.toString(16)}`;
}

/** Who changes a neighbour, and how far he may go. @kernel include/net/neighbour.h NEIGH_UPDATE_F_OVERRIDE */
export const NEIGH_UPDATE_F_OVERRIDE = 0x01;
export const NEIGH_UPDATE_F_WEAK_OVERRIDE = 0x02;
export const NEIGH_UPDATE_F_ADMIN = 0x80000000 | 0;
