import { EPOLLIN } from '@stack/sock';
import { EpollEvent, type PollFd } from '@stack/socket';
import type { Expression } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import type { Arguments } from './arguments.ts';
import type { CallTable } from './call-table.ts';
import type { Outcome } from './outcome.ts';
import { socketsOf } from './sockets.ts';
import { describe, fieldOf, isNull, numberField, numberOf } from './values.ts';
import { waitForEvent } from './waiting.ts';

export const POLL_CALLS: CallTable = {
  poll: (args) => poll(args, deadlineOf(args, 2)),
  ppoll: (args) => poll(args, timespecDeadline(args, 2)),
  epoll_create: (args) => ({ result: socketsOf(args).epollCreate(), isDescriptor: true }),
  epoll_create1: (args) => ({ result: socketsOf(args).epollCreate(args.number(0)), isDescriptor: true }),
  epoll_ctl(args) {
    const event = args.count > 3 ? args.at(3) : null;
    const events = event?.kind === 'structure' ? eventsOf(event, args.line) : 0;
    return socketsOf(args).epollCtl(args.fd(0), args.number(1), args.fd(2), events, dataOf(event, args.line));
  },
  epoll_wait: (args) => epollWait(args, deadlineOf(args, 3)),
  epoll_pwait: (args) => epollWait(args, deadlineOf(args, 3)),
  epoll_pwait2: (args) => epollWait(args, timespecDeadline(args, 3)),
};

function listOf(expression: Expression, line: number): readonly Expression[] {
  if (expression.kind === 'list') return expression.items;
  if (expression.kind === 'structure') return [expression];
  throw new ScriptError(line, `a list is needed, not ${describe(expression)}`);
}

/** `poll([{fd=4, events=POLLIN, revents=POLLIN}], 1, timeout)`. */
async function poll(args: Arguments, deadline: number): Promise<Outcome> {
  const { session, line } = args;
  const entries = listOf(args.at(0), line);
  const fds: PollFd[] = entries.map((entry) => ({
    fd: session.descriptors.live(numberField(entry, 'fd', line, -1)),
    events: numberField(entry, 'events', line, 0),
    revents: 0,
  }));
  const sockets = socketsOf(args);
  for (;;) {
    const result = sockets.poll(fds);
    const left = deadline - session.now / 1000;
    if (result !== 0 || left <= 0) return { result, problems: reventsProblems(entries, fds, line) };
    await waitForEvent(session, fds, left);
  }
}

/** In milliseconds since the script began. */
function deadlineOf(args: Arguments, index: number): number {
  const timeout = args.number(index);
  return timeout < 0 ? Infinity : args.session.now / 1000 + timeout;
}

/** The same for a `{tv_sec=0, tv_nsec=1000}`, or NULL for no end. */
function timespecDeadline(args: Arguments, index: number): number {
  const [argument, { line }] = [args.item(index), args];
  if (isNull(argument)) return Infinity;
  const length = numberField(argument, 'tv_sec', line, 0) * 1000 + numberField(argument, 'tv_nsec', line, 0) / 1e6;
  return args.session.now / 1000 + length;
}

function reventsProblems(entries: readonly Expression[], fds: readonly PollFd[], line: number): string[] {
  return entries.flatMap((entry, i) => {
    const wanted = numberField(entry, 'revents', line, fds[i].revents);
    return wanted === fds[i].revents ? [] : [`revents: expected ${bits(wanted)}, saw ${bits(fds[i].revents)}`];
  });
}

function bits(events: number): string {
  return `0x${(events >>> 0).toString(16)}`;
}

/** `{events=EPOLLIN, fd=4}`, or with the events first and no name. */
function eventsOf(event: Expression, line: number): number {
  const named = fieldOf(event, 'events', line);
  if (named !== null) return numberOf(named, line);
  const first = event.kind === 'structure' ? event.fields.find(({ name }) => name === null) : undefined;
  return first === undefined ? 0 : numberOf(first.value, line);
}

/** What comes back with an event: `fd`, `ptr`, `u32` or `u64`. */
function dataOf(event: Expression | null, line: number): number {
  if (event?.kind !== 'structure') return 0;
  const field = event.fields.find(({ name }) => name !== null && name !== 'events');
  return field === undefined ? 0 : numberOf(field.value, line);
}

/** `epoll_wait(fd, {events=EPOLLIN, fd=4}, maxevents, timeout)`. */
async function epollWait(args: Arguments, deadline: number): Promise<Outcome> {
  const { session, line } = args;
  const fd = args.fd(0);
  const events = Array.from({ length: Math.max(args.number(2), 0) }, () => new EpollEvent());
  for (;;) {
    const result = socketsOf(args).epollWait(fd, events);
    const left = deadline - session.now / 1000;
    if (result !== 0 || left <= 0)
      return { result, problems: eventProblems(args.at(1), events.slice(0, result), line) };
    await waitForEvent(session, [{ fd, events: EPOLLIN }], left);
  }
}

function eventProblems(wanted: Expression, seen: readonly EpollEvent[], line: number): string[] {
  if (wanted.kind === 'any') return [];
  return seen.flatMap(({ events, data }, i) => {
    const entry = listOf(wanted, line)[i];
    if (entry === undefined) return [`there is another event: ${bits(events)}`];
    const [wantedEvents, wantedData] = [eventsOf(entry, line), dataOf(entry, line)];
    const same = events >>> 0 === wantedEvents >>> 0 && data === wantedData;
    return same
      ? []
      : [`event: expected ${bits(wantedEvents)} of ${wantedData}, saw ${bits(events)} of ${String(data)}`];
  });
}
