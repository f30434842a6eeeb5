/** The way of a new author, as docs/guides/publishing.md has it: every command as it is written there. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { root } from '../building.ts';
import type { Registry } from './registry.ts';
import { expect, run, type Trial } from './run.ts';

const SECTION = '## From an empty folder to npm';
const BLOCK = /^```(\w+)\n(.*?)^```$/gms;

/** From an empty folder to a plugin that is published, installed and works. Returns what its user's program printed. */
export async function walk(trial: Trial, { env }: Registry, language: 'ts' | 'js'): Promise<string> {
  const cwd = `${trial.folder}/author-${language}`;
  mkdirSync(cwd);
  const guide = readFileSync(`${root}/docs/guides/publishing.md`, 'utf8');
  const [section = ''] = guide.slice(guide.indexOf(SECTION) + SECTION.length).split('\n## ');
  const blocks = [...section.matchAll(BLOCK)].map(([, tag, code]) => ({ tag: tag!, code: code! }));
  const commands = blocks.filter(({ tag }) => tag === 'sh').map(({ code }) => code);
  const program = blocks.find(({ tag }) => tag === 'js')!.code;
  const prints = blocks.find(({ tag }) => tag === 'text')!.code.trimEnd();
  const last = commands.pop()!;
  const before = commands.join('');
  const script = language === 'js' ? before.replace('--kind qdisc', '--kind qdisc --js') : before;
  await run('bash', ['-ec', inScope(script, language)], { cwd, env });
  writeFileSync(`${cwd}/my-network/main.js`, inScope(program, language));
  const printed = await run('bash', ['-ec', last], { cwd: `${cwd}/my-network`, env });
  return expect(printed, prints);
}

/** Two authors publish: each has a scope of its own. */
function inScope(text: string, language: string): string {
  return text.replaceAll('@me/', `@me-${language}/`);
}
