/**
 * Completes package-lock.json after `npm install`.
 *
 * npm leaves an optional, platform-bound package out of the lock when its registry has no tarball for it, and `npm ci`
 * then refuses the lock. This adds the missing entries: name and version from the package that asks for them, platform
 * from the name. They carry no integrity, since there was nothing to hash.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface LockEntry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  cpu?: string[];
  os?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const CPUS: Record<string, string> = { arm: 'arm', arm64: 'arm64', x64: 'x64', ia32: 'ia32', loong64: 'loong64' };
const MORE_CPUS: Record<string, string> = { ppc64: 'ppc64', riscv64: 'riscv64', s390x: 's390x', armv7: 'arm' };
const SYSTEMS = new Set([
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]);

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, LockEntry> };

/** Whether `name`, asked for by the package at `from`, is found in the lock as Node would find it. */
function isLocked(from: string, name: string): boolean {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (`${at === '' ? '' : `${at}/`}node_modules/${name}` in lock.packages) return true;
    if (at.lastIndexOf('/node_modules/') < 0) return `node_modules/${name}` in lock.packages;
  }
}

function platform(name: string): Pick<LockEntry, 'cpu' | 'os' | 'libc'> {
  const words = name.split('/').at(-1)!.split('-');
  const os = words.find((word) => SYSTEMS.has(word));
  const cpu = words.map((word) => CPUS[word] ?? MORE_CPUS[word]).find((word) => word !== undefined);
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : undefined;
  return { ...(cpu && { cpu: [cpu] }), ...(os && { os: [os] }), ...(libc && { libc: [libc] }) };
}

let added = 0;
for (const [from, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(from, name)) continue;
    const dev = entry.dev === true ? { dev: true } : {};
    lock.packages[`node_modules/${name}`] = { version, ...platform(name), ...dev, optional: true };
    added++;
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(sorted);
if (added > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} platform packages added`);
