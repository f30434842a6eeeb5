import type { Choice } from './choice.ts';
import type { Kind } from './kinds/kind.ts';

export function readme({ name, language }: Choice, kind: Kind, example: string): string {
  const build = language === 'ts' ? `npm run build   # TypeScript to dist/\n` : '';
  return `# ${name}

${kind.title.replace(/^./, (letter) => letter.toUpperCase())}. A plugin for [@stack](https://www.npmjs.com/org/stack), the Linux network stack in
TypeScript.

## Example

\`\`\`js
${example}
\`\`\`

## Working on it

\`\`\`sh
npm install
npm test        # the contract of its kind, and what it does
${build}npm pack        # as it will be published
npm run change  # a note for the changelog; npm run release publishes
\`\`\`

The packages of @stack that it plugs into are peer dependencies: plugin and host must share one copy of them, for the
services of a host are found by tokens that are objects of these packages.
`;
}

export function ciYaml(): string {
  return `name: ci
on:
  push:
    branches: [main]
  pull_request:
jobs:
  test:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        node: [20, 22, 24]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: \${{ matrix.node }}
      - run: npm install
      - run: npm run build --if-present
      - run: npm run check --if-present
      - run: npm test
`;
}

export function gitignore(): string {
  return 'node_modules/\ndist/\n*.tgz\n';
}

export function license(): string {
  return `MIT License

Copyright (c) the authors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;
}

/** For editors and tests, or for what is published. */
export function tsconfig(build: boolean): string {
  const options = {
    target: 'ES2023',
    module: 'NodeNext',
    strict: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    types: ['node'],
    ...(build ? { rootDir: 'src', outDir: 'dist', declaration: true, sourceMap: true } : { noEmit: true }),
  };
  return `${JSON.stringify({ compilerOptions: options, include: build ? ['src'] : ['src', 'test'] }, null, 2)}\n`;
}
