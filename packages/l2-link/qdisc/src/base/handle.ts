import { StackError } from '@stack/plugin';

/** `1:`, `1:10` (both parts in hex), or the number: 0x10010. */
export type Handle = number | string;

export function parseHandle(handle: Handle): number {
  if (typeof handle === 'number' && Number.isInteger(handle) && handle >= 0 && handle <= 0xffffffff) return handle;
  const found = /^([0-9a-f]{0,4}):([0-9a-f]{0,4})$/i.exec(`${handle}`);
  if (found === null || typeof handle === 'number') {
    throw new StackError('ERR_STACK_QDISC_HANDLE', `${handle} is no handle`, "write it like '1:' or '1:10', in hex");
  }
  const part = (hex: string): number => (hex === '' ? 0 : Number.parseInt(hex, 16));
  return part(found[1]) * 0x10000 + part(found[2]);
}

export function formatHandle(handle: number): string {
  const minor = minorOf(handle);
  return `${majorOf(handle) === 0 ? '' : (handle >>> 16).toString(16)}:${minor === 0 ? '' : minor.toString(16)}`;
}

/** The discipline's part, in place: that of 0x10010 is 0x10000. @kernel include/uapi/linux/pkt_sched.h TC_H_MAJ() */
export function majorOf(handle: number): number {
  return (handle & 0xffff0000) >>> 0;
}

/** @kernel include/uapi/linux/pkt_sched.h TC_H_MIN() */
export function minorOf(handle: number): number {
  return handle & 0xffff;
}
