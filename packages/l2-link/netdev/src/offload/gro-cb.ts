/**
 * What GRO keeps in `skb.cb` while a packet is in its hands: indices of the words. The last buffer of a packet that
 * grows is in `skb.prev`.
 *
 * @kernel include/net/gro.h struct napi_gro_cb
 */
/** Bytes from `data` to the header that is looked at. */
export const DATA_OFFSET = 0;
/** The packet must not be held, or must not grow any more. */
export const FLUSH = 1;
/** Frames on the wire that make up the packet. */
export const COUNT = 2;
/** For a held packet: it may be of the same flow. For a new one: it was merged, or its flow is held. */
export const SAME_FLOW = 3;
/** Jiffy in which it was held. */
export const AGE = 4;
/** How the IP id goes on: not known yet, one more each time, or always the same. */
export const ID_MODE = 5;
/** What is left of a packet after it was merged: FREE_*. */
export const FREE = 6;

export const ID_UNKNOWN = 0;
export const ID_INCREMENTS = 1;
export const ID_FIXED = 2;

/** It lives on in the list of the other packet. */
export const FREE_NOTHING = 0;
/** Its fragments were moved: the head is of no more use. */
export const FREE_BUFFER = 1;
/** Its head became a fragment: only the object is left. */
export const FREE_STOLEN_HEAD = 2;
