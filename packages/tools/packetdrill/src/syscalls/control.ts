import type { CallTable } from './call-table.ts';
import { duplicate, socketsOf } from './sockets.ts';
import { FILES } from './symbols/files.ts';
import { numberOf } from './values.ts';

const FIONBIO = 0x5421;

export const CONTROL_CALLS: CallTable = {
  fcntl(args) {
    const command = args.number(1);
    if (command === FILES.F_DUPFD || command === FILES.F_DUPFD_CLOEXEC) return duplicate(args, args.call.result);
    return socketsOf(args).fcntl(args.fd(0), command, args.count > 2 ? args.number(2) : 0);
  },

  /** What a request asks for goes to its third argument: `ioctl(4, SIOCINQ, [1000]) = 0`. */
  ioctl(args) {
    const request = args.number(1);
    const argument = args.count > 2 ? numberOf(args.item(2), args.line) : 0;
    const answer = socketsOf(args).ioctl(args.fd(0), request, request === FIONBIO ? argument : 0);
    if (answer < 0 || request === FIONBIO) return answer;
    const problems = answer === argument ? [] : [`expected the value ${argument}, saw ${answer}`];
    return { result: 0, problems };
  },
};
