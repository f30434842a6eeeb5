/** Everything about the sources that needs no test run, one line for each: `npm run check`. */
import { spawnSync } from 'node:child_process';
import { build } from './build.ts';
import { root } from './building.ts';
import { checkLayers } from './layers.ts';
import { checkPackages } from './package-rules.ts';

/** What a check has found wrong; nothing when all is well. */
type Findings = string | Promise<string>;

function program(command: string, ...args: string[]): string {
  const env = { ...process.env, NX_TUI: 'false' };
  const run = spawnSync(`${root}/node_modules/.bin/${command}`, args, { cwd: root, env, encoding: 'utf8' });
  return run.status === 0 ? '' : `${run.stdout}${run.stderr}` || `${command} failed`;
}

async function layers(): Promise<string> {
  const { violations } = await checkLayers(root);
  return violations.map(({ rule, from, to }) => `${rule}: ${from} imports ${to}`).join('\n');
}

function publishable(): string {
  build();
  return program('lerna', 'run', 'check', '--loglevel', 'error');
}

const CHECKS: Record<string, () => Findings> = {
  'types, without Node below l5': () => program('tsc', '-p', 'tsconfig.floors.json'),
  'types, with Node': () => program('tsc', '-p', 'tsconfig.json'),
  lint: () => program('oxlint'),
  format: () => program('prettier', '--check', '--log-level', 'warn', '.'),
  layers,
  'shape of the packages': () => checkPackages(root).join('\n'),
  'packages as published': publishable,
};

async function findings(check: () => Findings): Promise<string> {
  try {
    return await check();
  } catch (error) {
    return (error as Error).message;
  }
}

for (const [name, check] of Object.entries(CHECKS)) {
  const found = await findings(check);
  console.log(`${found === '' ? 'ok    ' : 'FAILED'} ${name}`);
  if (found === '') continue;
  console.log(found.trimEnd().replaceAll(/^/gm, '       '));
  process.exitCode = 1;
}
