import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, expect, test, vi } from 'vitest';
import { rooms, root } from '../building.ts';

/** What the reader has already where a README shows a piece of a program. */
const GIVEN = 'any';
const BLOCK = /^```ts\n(.*?)^```$/gms;
/** Cannot find name; no value in scope for a shorthand property. */
const UNKNOWN_NAME = new Set([2304, 2552, 2582, 2593, 18004]);

const examples = readdirSync(`${root}/examples`, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const readmes = [
  'README.md',
  ...rooms.map(({ folder }) => `${folder}/README.md`),
  ...examples.map(({ name }) => `examples/${name}/README.md`),
];
const blocks = readmes.flatMap((path) =>
  [...readFileSync(join(root, path), 'utf8').matchAll(BLOCK)].map(([, code], i) => ({ path, code: code!, i })),
);

mkdirSync(`${root}/build`, { recursive: true });
const folder = mkdtempSync(`${root}/build/readmes-`);
afterAll(() => rmSync(folder, { recursive: true }));

/** How a name is imported that the packages export, for pieces of programs that leave their imports out; from `own` first. */
function importsOf(program: ts.Program, own: string): Map<string, string> {
  const checker = program.getTypeChecker();
  const found = new Map<string, string>();
  const ownFirst = rooms.toSorted(
    (a, b) => Number(own.startsWith(`${b.folder}/`)) - Number(own.startsWith(`${a.folder}/`)),
  );
  for (const { name, folder: room } of ownFirst) {
    const source = program.getSourceFile(`${root}/${room}/src/index.ts`);
    const symbol = source && checker.getSymbolAtLocation(source);
    for (const exported of symbol ? checker.getExportsOfModule(symbol) : []) {
      const target = (exported.flags & ts.SymbolFlags.Alias) === 0 ? exported : checker.getAliasedSymbol(exported);
      const type = (target.flags & ts.SymbolFlags.Value) === 0 ? 'type ' : '';
      if (!found.has(exported.name))
        found.set(exported.name, `import { ${type}${exported.name} } from '@stack/${name}';`);
    }
  }
  return found;
}

function compile(files: readonly string[]): ts.Program {
  const { config } = ts.readConfigFile(`${root}/tsconfig.base.json`, (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  return ts.createProgram([...files, ...rooms.map(({ folder: room }) => `${root}/${room}/src/index.ts`)], {
    ...options,
    // What is given has no types, nor have the parameters of functions that are passed to it.
    ...{
      types: ['node'],
      noImplicitAny: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      noEmit: true,
      composite: false,
    },
  });
}

const text = ({ messageText }: ts.Diagnostic): string => ts.flattenDiagnosticMessageText(messageText, ' ');

/** Programs that measure, or check for long. */
const LONG = /tools\/(bench|demo|model|throughput)/;
/** Blocks for which nothing needs to be given but imports: programs. */
const whole: { path: string; file: string }[] = [];

test('the code of the READMEs has types that hold', { timeout: 300_000 }, () => {
  const files = blocks.map((_, n) => `${folder}/block-${n}.ts`);
  for (const [n, { code }] of blocks.entries()) writeFileSync(files[n]!, `${code}\nexport {};\n`);
  const first = compile(files);
  for (const [n, { path, code }] of blocks.entries()) {
    const missing = new Set(
      [...ts.getPreEmitDiagnostics(first, first.getSourceFile(files[n]!))]
        .filter(({ code: error }) => UNKNOWN_NAME.has(error))
        .map((diagnostic) => /'([\w$]+)'/.exec(text(diagnostic))![1]!),
    );
    const imports = importsOf(first, path);
    const lines = [...missing].map((name) => imports.get(name) ?? `declare const ${name}: ${GIVEN};`);
    const given = lines.some((line) => line.startsWith('declare'));
    if (!given && !LONG.test(path) && !code.includes("from 'vitest'")) whole.push({ path, file: files[n]! });
    writeFileSync(files[n]!, `${lines.join('\n')}\n${code}\nexport {};\n`);
  }
  const second = compile(files);
  const problems = blocks.flatMap(({ path, i }, n) =>
    ts
      .getPreEmitDiagnostics(second, second.getSourceFile(files[n]!))
      .map((diagnostic) => `${path}, block ${i + 1}: ${text(diagnostic)}`),
  );
  expect(problems).toEqual([]);
  expect(blocks.length).toBeGreaterThan(rooms.length);
});

test('the programs among them run to their end', { timeout: 300_000 }, async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const failed: string[] = [];
  for (const { path, file } of whole) {
    await import(file).catch((error: unknown) => failed.push(`${path}: ${String(error)}`));
  }
  log.mockRestore();
  expect(failed).toEqual([]);
  expect(whole.length).toBeGreaterThanOrEqual(10);
});
