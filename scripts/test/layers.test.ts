import { describe, expect, test } from 'vitest';
import { rooms, root } from '../building.ts';
import { layerRules } from '../layer-rules.ts';
import { checkLayers } from '../layers.ts';
import { smallRepo, type Files } from './small-repo.ts';

interface Case {
  rule: string;
  dependencies: Record<string, string[]>;
  files: Files;
}

const QDISC = 'packages/l2-link/qdisc/src/index.ts';
const CLOCK = 'packages/l0-core/clock/src/index.ts';

/** Each breaks one rule, and that rule alone. */
const CASES: Case[] = [
  {
    rule: 'clock-src-imports-no-higher-room',
    dependencies: { clock: ['@stack/tcp'], tcp: [] },
    files: { [CLOCK]: `export { x } from '@stack/tcp';` },
  },
  {
    rule: 'netdev-src-imports-no-higher-room',
    dependencies: { netdev: ['@stack/qdisc'], qdisc: [] },
    files: {
      'packages/l2-link/netdev/src/index.ts': `import type { x } from '@stack/qdisc';\nexport type X = typeof x;`,
    },
  },
  {
    rule: 'clock-test-imports-no-higher-room',
    dependencies: { clock: [], tcp: [] },
    files: { 'packages/l0-core/clock/test/a.test.ts': `import '@stack/tcp';` },
  },
  {
    rule: 'qdisc-declares-its-packages',
    dependencies: { clock: [], qdisc: [] },
    files: { [QDISC]: `export { x } from '@stack/clock';` },
  },
  {
    rule: 'qdisc-declares-its-libraries',
    dependencies: { qdisc: [] },
    files: { [QDISC]: `export { x } from 'koffi';` },
  },
  {
    rule: 'no-import-by-path',
    dependencies: { clock: [], qdisc: ['@stack/clock'] },
    files: { [QDISC]: `export { x } from '../../../l0-core/clock/src/index.ts';` },
  },
  {
    rule: 'no-cycle',
    dependencies: { clock: [] },
    files: {
      'packages/l0-core/clock/src/a.ts': `import { b } from './b.ts';\nexport const a = () => b();`,
      'packages/l0-core/clock/src/b.ts': `import { a } from './a.ts';\nexport const b = () => a();`,
    },
  },
  {
    rule: 'container-only-in-plugin',
    dependencies: { clock: ['tsyringe'] },
    files: { [CLOCK]: `export { x } from 'tsyringe';` },
  },
  {
    rule: 'no-node-below-l5',
    dependencies: { clock: [] },
    files: { [CLOCK]: `export { readFile } from 'node:fs';` },
  },
  {
    rule: 'driver-knows-no-chip',
    dependencies: { 'nic-82540em': [], e1000: ['@stack/nic-82540em'] },
    files: { 'packages/l2-link/e1000/src/index.ts': `export { x } from '@stack/nic-82540em';` },
  },
  {
    rule: 'resolvable',
    dependencies: { clock: [] },
    files: { [CLOCK]: `export { x } from './nowhere.ts';` },
  },
];

describe('the layering rules', () => {
  test.each(CASES)('$rule catches what breaks it, and nothing else does', async ({ rule, dependencies, files }) => {
    const { violations } = await checkLayers(smallRepo(dependencies, files));
    expect(new Set(violations.map((violation) => violation.rule))).toEqual(new Set([rule]));
  });

  test('no-deep-import catches a path into another package', async () => {
    const files = { [QDISC]: `export { deep } from '../../../l0-core/clock/src/deep.ts';` };
    const { violations } = await checkLayers(smallRepo({ clock: [], qdisc: ['@stack/clock'] }, files));
    expect(violations.map(({ rule }) => rule)).toContain('no-deep-import');
  });

  test('every rule has a case that breaks it', () => {
    const perRoom = /^.*?-(?=src-imports|test-imports|declares)/;
    const kinds = (names: string[]) => new Set(names.map((name) => name.replace(perRoom, '')));
    const shown = kinds([...CASES.map(({ rule }) => rule), 'no-deep-import']);
    expect(shown).toEqual(kinds(layerRules(root).map(({ name }) => name!)));
  });

  test('imports that keep to the rules pass', async () => {
    const base = smallRepo(
      { plugin: ['tsyringe'], clock: ['@stack/plugin'], qdisc: ['@stack/clock'], tap: ['koffi'], testing: [] },
      {
        'packages/l0-core/plugin/src/index.ts': `export { x } from 'tsyringe';`,
        [CLOCK]: `export { x } from '@stack/plugin';\nexport { deep } from './deep.ts';`,
        [QDISC]: `export { x } from '@stack/clock';`,
        'packages/l2-link/qdisc/test/a.test.ts': `import 'node:fs';\nimport '@stack/testing';\nimport '../src/deep.ts';`,
        'packages/l2-link/tap/src/index.ts': `import 'node:fs';\nexport { x } from 'koffi';`,
      },
    );
    const { violations, modules } = await checkLayers(base);
    expect(violations).toEqual([]);
    expect(modules).toBeGreaterThan(10);
  });

  test('the building itself keeps to them', async () => {
    const { violations, modules } = await checkLayers(root);
    expect(violations).toEqual([]);
    expect(modules).toBeGreaterThan(rooms.length);
  });
});
