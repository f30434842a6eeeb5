/**
 * Runs the tests against the Linux kernel, where this machine allows it: as root, over a TAP device. The first argument
 * is the project, `linux` or `timing`.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { root } from './building.ts';

const PROGRAMS = ['ip', 'curl', 'tcpdump'];

function found(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

function opens(device: string): boolean {
  try {
    closeSync(openSync(device, 'r+'));
    return true;
  } catch {
    return false;
  }
}

function missing(): string[] {
  if (process.platform !== 'linux') return ['Linux'];
  const programs = PROGRAMS.filter((program) => !found(program));
  const device = opens('/dev/net/tun') ? [] : ['/dev/net/tun'];
  return [...(process.getuid?.() === 0 ? [] : ['root']), ...programs, ...device];
}

const lacking = missing();
if (lacking.length > 0) {
  console.log(`Linux tests not run, missing here: ${lacking.join(', ')}`);
} else {
  const args = ['run', '--project', process.argv[2] ?? 'linux', ...process.argv.slice(3)];
  process.exitCode = spawnSync(`${root}/node_modules/.bin/vitest`, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
