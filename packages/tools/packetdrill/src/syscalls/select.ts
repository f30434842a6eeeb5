import { EBADF } from '@stack/plugin';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLPRI } from '@stack/sock';
import type { PollFd } from '@stack/socket';
import type { Expression } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import type { Arguments } from './arguments.ts';
import type { CallTable } from './call-table.ts';
import type { Outcome } from './outcome.ts';
import { socketsOf } from './sockets.ts';
import { describe, isNull, numberField, numberOf } from './values.ts';
import { waitForEvent } from './waiting.ts';

/** `select(6, [4, 5], NULL, NULL, {tv_sec=0, tv_usec=0}) = 1`, where a set is a list of descriptors; `pselect6` as well. */
export const SELECT_CALLS: CallTable = {
  select: (args) => select(args, 'tv_usec', 1e3),
  pselect: (args) => select(args, 'tv_nsec', 1e6),
  pselect6: (args) => select(args, 'tv_nsec', 1e6),
};

/** What each set waits for, in the order of the arguments; a hang-up is something to read, an error is both. @kernel fs/select.c POLLIN_SET */
const EVENTS = [EPOLLIN | EPOLLHUP | EPOLLERR, EPOLLOUT | EPOLLERR, EPOLLPRI];

/** How many members of the sets are ready. */
async function select(args: Arguments, part: string, perMillisecond: number): Promise<Outcome> {
  const { session } = args;
  const deadline = deadlineOf(args, part, perMillisecond);
  const sets = EVENTS.map((_, i) => setOf(args.at(i + 1), args.line));
  const fds: PollFd[] = sets.flatMap((set, i) =>
    set.map((fd) => ({ fd: session.descriptors.live(fd), events: EVENTS[i], revents: 0 })),
  );
  if (fds.some(({ fd }) => fd < 0)) return { result: -EBADF };
  for (;;) {
    socketsOf(args).poll(fds);
    const result = fds.filter(({ events, revents }) => (revents & events) !== 0).length;
    const left = deadline - session.now / 1000;
    if (result !== 0 || left <= 0) return { result };
    await waitForEvent(session, fds, left);
  }
}

function setOf(argument: Expression, line: number): number[] {
  if (isNull(argument)) return [];
  if (argument.kind !== 'list') throw new ScriptError(line, `a set is a list, not ${describe(argument)}`);
  return argument.items.map((item) => numberOf(item, line));
}

/** In milliseconds since the script began; a null pointer is for ever. */
function deadlineOf(args: Arguments, part: string, perMillisecond: number): number {
  const argument = args.item(4);
  if (isNull(argument)) return Infinity;
  const length =
    numberField(argument, 'tv_sec', args.line, 0) * 1000 + numberField(argument, part, args.line, 0) / perMillisecond;
  return args.session.now / 1000 + length;
}
