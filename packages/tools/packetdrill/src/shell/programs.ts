import { DONE, failed, type Program } from './command.ts';
import { dd, head, rm, tail, touch, truncate, wc, yes } from './byte-tools.ts';
import { nstat } from './counters.ts';
import { defaults } from './defaults.ts';
import { ethtool, ifconfig, tc } from './devices.ts';
import { ip } from './ip.ts';
import { ss } from './show.ts';
import { basename, dirname, expr, id, uname } from './small-tools.ts';
import { cut, sed, sort, tee, tr, uniq } from './stream-tools.ts';
import { restoreSysctls, setSysctls, sysctl } from './sysctl.ts';
import { awk } from './awk.ts';
import { cat, echo, grep, printf, test } from './text-tools.ts';
import { date, seq, sleep, usleep } from './time-tools.ts';

const PROGRAMS: Readonly<Record<string, Program>> = {
  'defaults.sh': defaults,
  'set_sysctls.py': setSysctls,
  '[': test,
  '[[': test,
  ':': () => DONE,
  awk,
  basename,
  cat,
  cd: () => DONE,
  cut,
  dirname,
  chmod: () => DONE,
  date,
  dd,
  dmesg: () => DONE,
  echo,
  expr,
  id,
  egrep: ({ args, ...rest }) => grep({ ...rest, args: ['-E', ...args] }),
  fgrep: ({ args, ...rest }) => grep({ ...rest, args: ['-F', ...args] }),
  ethtool,
  false: () => failed('false'),
  grep,
  head,
  ifconfig,
  ip,
  mkdir: () => DONE,
  modprobe: () => DONE,
  nstat,
  printf,
  rm,
  sed,
  seq,
  sleep,
  sort,
  ss,
  sync: () => DONE,
  sysctl,
  tail,
  tc,
  tee,
  test,
  touch,
  tr,
  true: () => DONE,
  truncate,
  ulimit: () => DONE,
  uname,
  uniq,
  usleep,
  wait: () => DONE,
  wc,
  yes,
};

/** What stands in front of a program and changes nothing here. */
const WRAPPERS = ['.', 'source', 'sh', 'bash', 'sudo'];

/** The program that the first of these words names, and its arguments; null when the host has none of this name. */
export function findProgram(words: readonly string[]): { program: Program; args: readonly string[] } | null {
  const rest = WRAPPERS.includes(words[0]) ? words.slice(1) : words;
  const [path = 'true', ...args] = rest;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^sysctl_restore\w*(?:\.sh)?$/.test(name)) return { program: restoreSysctls, args };
  return Object.hasOwn(PROGRAMS, name) ? { program: PROGRAMS[name], args } : null;
}
