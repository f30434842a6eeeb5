import { EAFNOSUPPORT, EBADF } from '@stack/plugin';
import { SOCK_DGRAM, TCP_LISTEN } from '@stack/sock';
import { AF_INET, AF_UNSPEC, blocking, type SockaddrIn } from '@stack/socket';
import { Unsupported } from '../language/script-error.ts';
import type { Arguments } from './arguments.ts';
import type { CallTable } from './call-table.ts';

const AF_INET6 = 10;

/** Making, connecting and closing sockets. */
export const SOCKET_CALLS: CallTable = {
  socket(args) {
    const domain = args.at(0).kind === 'any' ? AF_INET : args.number(0);
    if (domain === AF_INET6) throw new Unsupported(args.line, 'the stack has no IPv6');
    return descriptor(socketsOf(args).socket(domain, args.number(1), args.number(2)));
  },

  bind(args) {
    const { localIp, bindPort } = args.session.config;
    const to = args.address(1, { family: AF_INET, address: localIp, port: bindPort });
    return to.family === AF_INET ? socketsOf(args).bind(args.fd(0), to.address, to.port) : -EAFNOSUPPORT;
  },

  listen(args) {
    const sockets = socketsOf(args);
    const fd = args.fd(0);
    const result = sockets.listen(fd, args.number(1));
    const file = sockets.fileOf(fd);
    if (result === 0 && typeof file !== 'number') args.session.connections.listen(file.localPort);
    return result;
  },

  accept: (args) => accept(args),
  accept4: (args) => accept(args),

  connect(args) {
    const { remoteIp, connectPort } = args.session.config;
    const to = args.address(1, { family: AF_INET, address: remoteIp, port: connectPort });
    const sockets = socketsOf(args);
    const fd = args.fd(0);
    if (to.family === AF_UNSPEC) return sockets.disconnect(fd);
    if (to.family !== AF_INET) return -EAFNOSUPPORT;
    const file = sockets.fileOf(fd);
    if (typeof file !== 'number' && file.peerPort === 0 && file.sk?.state !== TCP_LISTEN) {
      args.session.connections.connect(file.sk?.type === SOCK_DGRAM ? 'udp' : 'tcp', to.port);
    }
    return blocking(sockets).connect(fd, to.address, to.port);
  },

  close(args) {
    const [fd, file] = [args.fd(0), args.file(0)];
    if (!args.session.descriptors.close(args.number(0))) return 0;
    if (file !== null) {
      file.close();
      return 0;
    }
    return socketsOf(args).close(fd);
  },

  dup: (args) => duplicate(args, args.call.result),
  dup2: (args) => duplicate(args, args.number(1)),
  dup3: (args) => duplicate(args, args.number(1)),

  shutdown: (args) => socketsOf(args).shutdown(args.fd(0), args.number(1)),

  getsockname: (args) => named(args, (fd, into) => socketsOf(args).getsockname(fd, into)),
  getpeername: (args) => named(args, (fd, into) => socketsOf(args).getpeername(fd, into)),
};

/** `to`: the script's number for the copy; null for one that it does not name. */
export function duplicate(args: Arguments, to: number | null): number {
  const { descriptors } = args.session;
  const from = args.number(0);
  if (descriptors.live(from) < 0 && descriptors.file(from) === null) return -EBADF;
  if (to !== null && to !== from) descriptors.duplicate(from, to);
  return to ?? from;
}

export function socketsOf({ session }: Arguments): Arguments['session']['network']['host']['sockets'] {
  return session.network.host.sockets;
}

function descriptor(result: number): { result: number; isDescriptor: true } {
  return { result, isDescriptor: true };
}

async function accept(args: Arguments): Promise<{ result: number; isDescriptor: true }> {
  const sockets = socketsOf(args);
  const result = await blocking(sockets).accept(args.fd(0));
  if (result >= 0 && args.count > 3) sockets.fcntl(result, SET_FLAGS, args.number(3));
  return descriptor(result);
}

/** @kernel include/uapi/asm-generic/fcntl.h F_SETFL */
const SET_FLAGS = 4;

/** What the call says of an address must be what the script has, unless that is `...`. */
function named(
  args: Arguments,
  call: (fd: number, into: SockaddrIn) => number,
): { result: number; problems: string[] } {
  const into = { address: 0, port: 0 };
  const result = call(args.fd(0), into);
  const { address, port } = args.address(1, { family: AF_INET, ...into });
  const same = result < 0 || (address === into.address && port === into.port);
  return { result, problems: same ? [] : [`the address is ${into.address >>> 0} port ${into.port}`] };
}
