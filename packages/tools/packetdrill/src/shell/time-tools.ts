import { SEC } from '@stack/clock';
import { DONE, failed, printed, type Ended, type Invocation } from './command.ts';

/** Time passes for the host. */
export function sleep({ session, args }: Invocation): Ended {
  const length = Number(args[0]?.replace(/s$/, ''));
  if (!(length >= 0)) return failed(`sleep: '${args[0]}' is no time`);
  const { clock } = session.network;
  clock.runUntil(clock.now() + length * SEC);
  return DONE;
}

/** The same in microseconds. */
export function usleep({ session, args, input }: Invocation): Ended {
  return sleep({ session, args: [String(Number(args[0]) / 1e6)], input });
}

/** `seq LAST`, `seq FIRST LAST`, `seq FIRST STEP LAST`. */
export function seq({ args }: Invocation): Ended {
  const numbers = args.map(Number);
  const [first, step, last] =
    numbers.length === 3 ? numbers : [numbers.length === 1 ? 1 : numbers[0], 1, numbers.at(-1) ?? 0];
  const lines: number[] = [];
  for (let at = first; step > 0 ? at <= last : step < 0 && at >= last; at += step) lines.push(at);
  return printed(lines.map((each) => `${each}\n`).join(''));
}

/** `date`, `date +%s.%N`: time begins with the host's clock. */
export function date({ session, args }: Invocation): Ended {
  const now = session.network.clock.now();
  const format = args.find((arg) => arg.startsWith('+'))?.slice(1) ?? '%s';
  const nanoseconds = String(now % SEC).padStart(9, '0');
  const text = format.replace(/%(\d?)([sN%])/g, (_, digits: string, letter: string) => {
    if (letter === '%') return '%';
    return letter === 's' ? String(Math.floor(now / SEC)) : nanoseconds.slice(0, Number(digits) || 9);
  });
  return printed(`${text}\n`);
}
