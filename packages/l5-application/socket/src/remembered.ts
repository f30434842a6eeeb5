import { EINVAL } from '@stack/plugin';
import type { Sock } from '@stack/sock';
import * as c from './constants.ts';

/** An option about how a machine works that is not this one: it can be set and read, and has no effect. */
interface Remembered {
  readonly initial: number;
  /** Bounds; a switch is 1 for all that is not 0. */
  readonly least: number;
  readonly most: number;
  readonly isSwitch: boolean;
}

const number = (initial: number, least = -(2 ** 31), most = 2 ** 31): Remembered => ({
  initial,
  least,
  most,
  isSwitch: false,
});
const OFF: Remembered = { ...number(0), isSwitch: true };

/** What these begin with. @kernel net/core/sock.c sock_init_data_uid() */
const REMEMBERED: Readonly<Record<number, Remembered>> = {
  [c.SO_DEBUG]: OFF,
  [c.SO_DONTROUTE]: OFF,
  [c.SO_RXQ_OVFL]: OFF,
  [c.SO_RCVMARK]: OFF,
  [c.SO_SELECT_ERR_QUEUE]: OFF,
  [c.SO_PREFER_BUSY_POLL]: OFF,
  [c.SO_BUSY_POLL]: number(0, 0),
  [c.SO_INCOMING_CPU]: number(-1),
  [c.SO_BUSY_POLL_BUDGET]: number(8, 0, 0xffff),
  [c.SO_TXREHASH]: number(1, -1, 1),
};

export function isRemembered(name: number): boolean {
  return Object.hasOwn(REMEMBERED, name);
}

/** 0, or -EINVAL out of range. */
export function remember(sk: Sock, name: number, value: number): number {
  const { least, most, isSwitch } = REMEMBERED[name];
  if (value < least || value > most) return -EINVAL;
  const kept = isSwitch ? Number(value !== 0) : value;
  sk.change({ remembered: { ...sk.settings.remembered, [name]: kept } });
  return 0;
}

export function remembered(sk: Sock, name: number): number {
  return sk.settings.remembered[name] ?? REMEMBERED[name].initial;
}
