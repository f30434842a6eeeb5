import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { root } from '../building.ts';

const BLOCK = /^```(\w+)\n(.*?)^```$/gms;

interface Guide {
  readonly name: string;
  /** The program: all code but that of its tests. */
  readonly program: string;
  readonly tests: string;
  /** What the program prints, as the guide says. */
  readonly prints: string;
}

const guides: Guide[] = readdirSync(`${root}/docs/guides`)
  .filter((file) => file.endsWith('.md'))
  .map((file) => read(file.replace('.md', ''), readFileSync(`${root}/docs/guides/${file}`, 'utf8')))
  .filter(({ program }) => program !== '');

function read(name: string, text: string): Guide {
  const [before = '', after = ''] = text.split('## Its tests');
  const blocks = (part: string, language: string): string =>
    [...part.matchAll(BLOCK)]
      .filter(([, tag]) => tag === language)
      .map(([, , code]) => code)
      .join('\n');
  return { name, program: blocks(before, 'ts'), tests: blocks(after, 'ts'), prints: blocks(before, 'text') };
}

/** The plugin alone, without the hosts on which it is tried out. */
function pluginOf({ program }: Guide): string {
  return program.slice(0, program.indexOf("import { virtualClock } from '@stack/clock';"));
}

mkdirSync(`${root}/build`, { recursive: true });
const folder = mkdtempSync(`${root}/build/guides-`);
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  for (const guide of guides) {
    writeFileSync(`${folder}/${guide.name}.ts`, guide.program);
    writeFileSync(`${folder}/${guide.name}.test.ts`, `${pluginOf(guide)}\n${guide.tests}`);
  }
});

test('there is a guide for every kind of plugin', () => {
  expect(guides.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['hook', 'queue', 'qdisc', 'congestion-control', 'driver', 'protocol', 'packet-type']),
  );
  for (const { tests, prints } of guides) {
    expect(tests).not.toBe('');
    expect(prints).not.toBe('');
  }
});

test('the code of the guides has types that hold', { timeout: 120_000 }, () => {
  const config = {
    extends: '../../tsconfig.base.json',
    compilerOptions: { types: ['node'], noUnusedLocals: false },
    include: ['*.ts'],
  };
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
  const { stdout } = spawnSync('npx', ['tsc', '-p', folder], { cwd: root, encoding: 'utf8' });
  expect(stdout).toBe('');
});

test.each(guides)('the program of $name prints what its guide says', async ({ name, prints }) => {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: unknown) => void lines.push(String(line)));
  try {
    await import(`${folder}/${name}.ts`);
  } finally {
    log.mockRestore();
  }
  expect(`${lines.join('\n')}\n`).toBe(prints);
});

test('the tests of the guides pass', { timeout: 400_000 }, () => {
  writeFileSync(
    `${folder}/vitest.config.js`,
    `export default {
      resolve: { conditions: ['@stack/source', 'module', 'browser', 'development|production'] },
      ssr: { resolve: { conditions: ['@stack/source', 'module', 'node', 'development|production'] } },
      test: { testTimeout: 30000 },
    };`,
  );
  const args = ['vitest', 'run', '--root', folder, '--reporter=json', `--outputFile=${folder}/report.json`];
  spawnSync('npx', args, { cwd: root, encoding: 'utf8' });
  const { testResults } = JSON.parse(readFileSync(`${folder}/report.json`, 'utf8')) as {
    testResults: { name: string; status: string; message: string; assertionResults: { failureMessages: string[] }[] }[];
  };
  const failed = testResults.filter(({ status }) => status !== 'passed');
  expect(
    failed.map(({ name, message, assertionResults }) => [
      name,
      message,
      assertionResults.flatMap((a) => a.failureMessages),
    ]),
  ).toEqual([]);
  expect(testResults).toHaveLength(guides.length);
});
