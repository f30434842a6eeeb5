import { printed, type Ended, type Invocation } from './command.ts';
import { evaluateArithmetic } from './arithmetic.ts';

const NO_VARIABLES = { variable: () => undefined, assign: () => {} };

/** `expr 1 + 2`. It fails when the result is 0. */
export function expr({ args }: Invocation): Ended {
  const value = evaluateArithmetic(args.join(' ').replace(/ = /g, ' == '), NO_VARIABLES);
  return { ...printed(`${value}\n`), status: value === 0 ? 1 : 0 };
}

/** The kernel whose behaviour the stack has. */
export function uname({ args }: Invocation): Ended {
  return printed(args.includes('-r') ? '6.18.0\n' : 'Linux\n');
}

export function basename({ args: [path = '', suffix = ''] }: Invocation): Ended {
  const name = path.replace(/\/+$/, '').replace(/^.*\//, '');
  return printed(`${suffix !== '' && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`);
}

export function dirname({ args: [path = ''] }: Invocation): Ended {
  return printed(`${path.includes('/') ? path.replace(/\/[^/]*\/*$/, '') || '/' : '.'}\n`);
}

/** Scripts run as the one who may do everything. */
export function id({ args }: Invocation): Ended {
  return printed(args.includes('-u') ? '0\n' : 'uid=0(root) gid=0(root)\n');
}
