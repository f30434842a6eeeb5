import { closeSync, constants, openSync } from 'node:fs';
import { EBUSY, EINVAL, EPERM, errnoName, StackError } from '@stack/plugin';
import type { Libc } from './libc.ts';
import { inNamespace } from './namespace.ts';

/** @kernel include/uapi/linux/if_tun.h */
const TUNSETIFF = 0x400454ca;
const TUNSETOFFLOAD = 0x400454d0;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
/** Checksums, TCP segments over IPv4, and with ECN: what the kernel may leave to us. */
const TUN_OFFLOADS = 0x01 | 0x02 | 0x08;

const IFNAMSIZ = 16;
const SIZEOF_IFREQ = 40;

/** Opens the TAP device `name`, and makes it if there is none. Returns a non-blocking descriptor. Throws `ERR_STACK_TAP_*`. */
export function openTap(libc: Libc, name: string, namespace?: string): number {
  if (!/^[^\s/:%]{1,15}$/.test(name) || name === '.' || name === '..') {
    throw new StackError(
      'ERR_STACK_TAP_NAME',
      `${JSON.stringify(name)} is no name for an interface`,
      'give 1 to 15 characters without / : % and blanks',
    );
  }
  const open = (): number => attach(libc, openClone(), name);
  return namespace === undefined ? open() : inNamespace(libc, namespace, open);
}

function openClone(): number {
  try {
    return openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') throw noPermission(code);
    throw new StackError(
      'ERR_STACK_TAP_DEVICE',
      `/dev/net/tun cannot be opened (${code})`,
      'load the module (modprobe tun), or give it to the container (--device /dev/net/tun)',
    );
  }
}

function attach(libc: Libc, fd: number, name: string): number {
  const request = Buffer.from(new ArrayBuffer(SIZEOF_IFREQ));
  request.write(name, 'latin1');
  request.writeUInt16LE(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR, IFNAMSIZ);
  const attached = libc.ioctl(fd, TUNSETIFF, libc.addressOf(request.buffer as ArrayBuffer)) >= 0;
  if (attached && libc.ioctl(fd, TUNSETOFFLOAD, TUN_OFFLOADS) >= 0) return fd;
  const errno = libc.errno();
  closeSync(fd);
  throw refused(name, errno);
}

function refused(name: string, errno: number): StackError {
  if (errno === EPERM) return noPermission('EPERM');
  if (errno === EBUSY) {
    return new StackError(
      'ERR_STACK_TAP_TAKEN',
      `${name} is in use`,
      'close the program that holds it, or choose another name',
    );
  }
  if (errno === EINVAL) {
    return new StackError('ERR_STACK_TAP_TAKEN', `${name} exists and is no TAP device`, 'choose another name');
  }
  return new StackError(
    'ERR_STACK_TAP_DEVICE',
    `Linux refuses the TAP device ${name} (${errnoName(errno)})`,
    'look at dmesg',
  );
}

function noPermission(code: string): StackError {
  return new StackError(
    'ERR_STACK_TAP_PERMISSION',
    `opening a TAP device is not permitted (${code})`,
    'run as root, or let root make one for you: ip tuntap add mode tap user NAME name tap0',
  );
}
