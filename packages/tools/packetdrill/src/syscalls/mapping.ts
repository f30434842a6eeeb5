import { EBADF, EINVAL, ENODEV, EPERM } from '@stack/plugin';
import { SOCK_STREAM } from '@stack/sock';
import type { Arguments } from './arguments.ts';
import type { CallTable } from './call-table.ts';
import { socketsOf } from './sockets.ts';

export const PAGE = 4096;
const PROT_WRITE = 2;
const PROT_EXEC = 4;

/** `mmap(NULL, 65536, PROT_READ, MAP_SHARED, 4, 0) = 0x100000`: the script says where, and later calls find it there. */
export const MAPPING_CALLS: CallTable = { mmap, munmap };

/** @kernel net/ipv4/tcp.c tcp_mmap() */
function mmap(args: Arguments): number {
  const [length, protection] = [args.number(1), args.number(2)];
  const file = socketsOf(args).fileOf(args.fd(4));
  if (typeof file === 'number') return -EBADF;
  if (length <= 0 || args.number(5) % PAGE !== 0) return -EINVAL;
  if (file.sk?.type !== SOCK_STREAM) return -ENODEV;
  if ((protection & (PROT_WRITE | PROT_EXEC)) !== 0) return -EPERM;
  const { result } = args.call;
  if (result === null || result <= 0) return PAGE;
  args.session.mappings.set(result, Math.ceil(length / PAGE) * PAGE);
  return result;
}

function munmap(args: Arguments): number {
  const [address, length] = [args.number(0), args.number(1)];
  if (address % PAGE !== 0 || length <= 0) return -EINVAL;
  args.session.mappings.delete(address);
  return 0;
}
