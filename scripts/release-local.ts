/**
 * A release that nobody sees: versions and publishes every package to a registry on loopback, installs them into fresh
 * projects outside of the repository, and runs a program in each. Nothing of it stays.
 */
import { buildOrExit } from './build.ts';
import { root } from './building.ts';
import { programs } from './release/programs.ts';
import { tryOnNewest, tryPlugin, tryProgram } from './release/projects.ts';
import { copyRepository, inspect, noteMinor, publish, version, versionOf } from './release/publish.ts';
import { startRegistry } from './release/registry.ts';
import { run, Trial } from './release/run.ts';
import { walk } from './release/walk.ts';

const trial = new Trial();

async function release(): Promise<void> {
  buildOrExit();
  const copy = await trial.step('a copy of the repository', () => copyRepository(trial));
  const registry = await trial.step('a registry on loopback', () => startRegistry(trial));
  if (copy === null || registry === null) return;
  await trial.step('sizes, and what of them is used', () =>
    run('npm', ['run', '--silent', 'size'], { cwd: root }).then(() => ''),
  );
  if ((await trial.step('versions', () => version(copy))) === null) return;
  await trial.step('publint and attw', () => inspect(copy));
  if ((await trial.step('published', () => publish(copy, registry))) === null) return;
  for (const program of programs) await trial.step(program.title, () => tryProgram(trial, registry, program));
  const plugin = await trial.step('npm create: a hook in TypeScript', () => tryPlugin(trial, registry, 'hook', 'ts'));
  await trial.step('npm create: a qdisc in JavaScript', () => tryPlugin(trial, registry, 'qdisc', 'js'));
  await trial.step('the guide, every command: a qdisc in TypeScript', () => walk(trial, registry, 'ts'));
  await trial.step('the guide, every command: a qdisc in JavaScript', () => walk(trial, registry, 'js'));
  noteMinor(copy);
  await trial.step('versions, a minor later', () => version(copy));
  await trial.step('published, a minor later', () => publish(copy, registry));
  if (plugin !== null) {
    const newest = versionOf(copy, 'netfilter');
    await trial.step('the hook, as it was packed, on the newer host', () =>
      tryOnNewest(trial, registry, plugin, newest),
    );
  }
}

try {
  await release();
} finally {
  await trial.end();
}
console.log(`${trial.passed} passed, ${trial.failed} failed`);
process.exitCode = trial.failed === 0 ? 0 : 1;
