import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';

/** A network namespace of the Linux kernel; all programs in it see only its own interfaces. */
export interface NetworkNamespace {
  /** As `ip netns` knows it. */
  readonly name: string;
  /** Runs a program in it, to its end, and returns what it says. Throws if it fails. */
  run(program: string, ...args: string[]): string;
  /** Gives an interface an IPv4 address, `10.0.0.1/24`, and no IPv6, and takes it up. */
  configure(device: string, address: string): void;
}

/** A namespace for the test that runs, its loopback up; it vanishes when the test ends. Needs root. */
export function networkNamespace(): NetworkNamespace {
  const name = `stack-${randomBytes(4).toString('hex')}`;
  const ip = (...args: string[]): string => execFileSync('ip', args, { encoding: 'utf8' });
  ip('netns', 'add', name);
  onTestFinished(() => {
    ip('netns', 'delete', name);
  });
  const run = (program: string, ...args: string[]): string => ip('netns', 'exec', name, program, ...args);
  run('ip', 'link', 'set', 'lo', 'up');
  return {
    name,
    run,
    configure(device, address) {
      run('sysctl', '-qw', `net.ipv6.conf.${device}.disable_ipv6=1`);
      run('ip', 'address', 'add', address, 'dev', device);
      run('ip', 'link', 'set', device, 'up');
    },
  };
}
