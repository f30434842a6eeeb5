/** Fresh projects outside of the repository, as users would have them. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Program } from './programs.ts';
import type { Registry } from './registry.ts';
import { expect, run, type Trial } from './run.ts';

let projects = 0;

/** Installs a program's packages and runs it. */
export async function tryProgram(trial: Trial, { env }: Registry, program: Program): Promise<string> {
  const cwd = `${trial.folder}/project-${++projects}`;
  const files = {
    'package.json': JSON.stringify({ name: 'project', private: true, type: 'module' }),
    ...program.files,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(`${cwd}/${path}`), { recursive: true });
    writeFileSync(`${cwd}/${path}`, text);
  }
  const packages = program.packages.map((name) => `@stack/${name}`);
  await run('npm', ['install', ...packages, ...(program.tools ?? [])], { cwd, env });
  if (program.onlyStack !== undefined) {
    expect(readdirSync(`${cwd}/node_modules/@stack`).toSorted().join(' '), program.onlyStack.join(' '));
  }
  let printed = '';
  for (const [command, ...args] of program.commands) printed = await run(command!, args, { cwd, env });
  return expect(printed, program.prints);
}

/** `npm create @stack/plugin`, and what its author does first. Returns the packed plugin. */
export async function tryPlugin(trial: Trial, { env }: Registry, kind: string, language: 'ts' | 'js'): Promise<string> {
  const parent = `${trial.folder}/plugins`;
  mkdirSync(parent, { recursive: true });
  const name = `my-${kind}-${language}`;
  const create = ['create', '--yes', '@stack/plugin', name, '--', '--kind', kind, `--${language}`, '--yes'];
  await run('npm', create, { cwd: parent, env });
  const cwd = `${parent}/${name}`;
  await run('npm', ['install'], { cwd, env });
  if (language === 'ts') await run('npm', ['run', 'check'], { cwd, env });
  await run('npm', ['test'], { cwd, env });
  const packed = await run('npm', ['pack', '--pack-destination', parent], { cwd, env });
  return `${parent}/${packed.split('\n').at(-1)!}`;
}

/** A plugin as it was packed once, on a host of the newest version. */
export async function tryOnNewest(trial: Trial, { env }: Registry, plugin: string, newest: string): Promise<string> {
  const cwd = `${trial.folder}/project-newest`;
  mkdirSync(cwd);
  writeFileSync(`${cwd}/package.json`, JSON.stringify({ name: 'newest', private: true, type: 'module' }));
  writeFileSync(
    `${cwd}/main.js`,
    `
import { virtualClock } from '@stack/clock';
import { createLab, inet } from '@stack/host';
import { NetfilterHooks } from '@stack/netfilter';
import * as plugin from 'my-hook-ts';

const [make] = Object.values(plugin);
const lab = createLab({ clock: virtualClock(), seed: 7, checking: true });
const host = lab.host({ name: 'newest', use: [...inet(), make()] });
console.log(host.get(NetfilterHooks).statistics().map(({ name }) => name).join());
lab.close();
`,
  );
  await run('npm', ['install', '@stack/host', '@stack/clock', '@stack/netfilter', plugin], { cwd, env });
  const copies = await run('npm', ['ls', '@stack/netfilter', '--all', '--parseable'], { cwd, env });
  const places = new Set(copies.split('\n').filter((line) => line.endsWith('@stack/netfilter')));
  if (places.size !== 1) throw new Error(`there are ${places.size} copies of @stack/netfilter`);
  const list = await run('npm', ['ls', '@stack/netfilter'], { cwd, env });
  if (!list.includes(`@stack/netfilter@${newest}`)) throw new Error(`not the newest:\n${list}`);
  return expect(await run('node', ['main.js'], { cwd, env }), 'my-hook-ts');
}
