import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { rooms, root } from '../building.ts';

const LINK = /\]\(([^)\s#]+)(#[^)\s]*)?\)/g;
const IN_CODE = /^```.*?^```/gms;

const docs = readdirSync(`${root}/docs`, { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path}`);
const examples = readdirSync(`${root}/examples`).map((name) =>
  name.endsWith('.md') ? `examples/${name}` : `examples/${name}/README.md`,
);
const readmes = rooms.map(({ folder }) => `${folder}/README.md`);
const pages = ['README.md', ...docs, ...examples, ...readmes, '.changeset/README.md'].filter((path) =>
  path.endsWith('.md'),
);

/** Where the links of a page lead, but for those to other hosts. */
function linksOf(page: string): string[] {
  const text = readFileSync(`${root}/${page}`, 'utf8').replace(IN_CODE, '');
  return [...text.matchAll(LINK)].map(([, to]) => to!).filter((to) => !/^[a-z]+:/.test(to));
}

test.each(pages)('every link of %s leads somewhere', (page) => {
  const broken = linksOf(page).filter((to) => !existsSync(resolve(root, dirname(page), to)));
  expect(broken).toEqual([]);
});

test('there are links to follow', () => {
  expect(pages.length).toBeGreaterThan(rooms.length + 5);
  expect(linksOf('docs/architecture.md').length).toBeGreaterThan(50);
});
