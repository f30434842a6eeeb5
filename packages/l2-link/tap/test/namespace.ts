import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';

/** Runs a program and returns what it says. */
export function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A network namespace of its own for the test that runs, with the loopback up; it vanishes afterwards. */
export function testNamespace() {
  const name = `stack-${randomBytes(4).toString('hex')}`;
  run('ip', 'netns', 'add', name);
  onTestFinished(() => {
    run('ip', 'netns', 'delete', name);
  });
  const inside = (program: string, ...args: string[]): string => run('ip', 'netns', 'exec', name, program, ...args);
  inside('ip', 'link', 'set', 'lo', 'up');
  return { name, inside };
}

/** Gives the kernel's end of a TAP an IPv4 address and nothing else. */
export function configure({ inside }: ReturnType<typeof testNamespace>, tap: string, address: string): void {
  inside('sysctl', '-qw', `net.ipv6.conf.${tap}.disable_ipv6=1`);
  inside('ip', 'address', 'add', address, 'dev', tap);
  inside('ip', 'link', 'set', tap, 'up');
}
