/** Who may import what, as rules for dependency-cruiser, generated from the list of rooms. */
import type { IForbiddenRuleType } from 'dependency-cruiser';
import { declared, manifest, rooms, type Room } from './building.ts';

const CONTAINER = 'node_modules/(tsyringe|reflect-metadata)/';
const WITH_NODE = '^packages/(l2-link/tap|l5-application/[^/]+|tools/[^/]+)/';

const anyOf = (folders: readonly string[]): string => `^(${folders.join('|')})/`;
const escape = (name: string): string => name.replaceAll('.', '\\.');

/** A room imports from rooms below it. Its tests may also use the tools. */
function upward(room: Room, above: readonly Room[]): IForbiddenRuleType[] {
  const tools = above.filter(({ floor }) => floor === 'tools' || room.floor === 'tools');
  const floors = above.filter((higher) => !tools.includes(higher));
  const rule = (part: string, forbidden: readonly Room[]): IForbiddenRuleType => ({
    name: `${room.name}-${part}-imports-no-higher-room`,
    severity: 'error',
    from: { path: `^${room.folder}/${part}/` },
    to: { path: anyOf(forbidden.map(({ folder }) => folder)) },
  });
  return [...(above.length > 0 ? [rule('src', above)] : []), ...(floors.length > 0 ? [rule('test', floors)] : [])];
}

/** What is imported is declared, although hoisting would make it resolve anyhow. */
function undeclared(room: Room, base: string): IForbiddenRuleType[] {
  const names = Object.keys(declared(manifest(room, base)));
  const own = rooms.filter(({ name }) => name === room.name || names.includes(`@stack/${name}`));
  const external = names.filter((name) => !name.startsWith('@stack/')).map(escape);
  return [
    {
      name: `${room.name}-declares-its-packages`,
      severity: 'error',
      from: { path: `^${room.folder}/src/` },
      to: { path: '^packages/', pathNot: anyOf(own.map(({ folder }) => folder)) },
    },
    {
      name: `${room.name}-declares-its-libraries`,
      severity: 'error',
      from: { path: `^${room.folder}/src/` },
      to: { path: 'node_modules/', pathNot: `node_modules/(@types/node|${external.join('|') || '$'})/` },
    },
  ];
}

const COMMON: IForbiddenRuleType[] = [
  {
    name: 'no-deep-import',
    comment: 'another package is its index.ts, whatever path leads elsewhere',
    severity: 'error',
    from: { path: '^packages/([^/]+/[^/]+)/' },
    to: { path: '^packages/', pathNot: ['^packages/$1/', '^packages/[^/]+/[^/]+/src/index\\.ts$'] },
  },
  {
    name: 'no-import-by-path',
    comment: 'another package is imported by its name',
    severity: 'error',
    from: { path: '^packages/([^/]+/[^/]+)/' },
    to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
  },
  {
    name: 'no-cycle',
    comment: 'types may refer to each other inside a package; code that runs may not',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'container-only-in-plugin',
    severity: 'error',
    from: { path: '^packages/', pathNot: '^packages/l0-core/plugin/' },
    to: { path: CONTAINER },
  },
  {
    name: 'no-node-below-l5',
    comment: 'the core runs in a browser; tests run in Node and may use it',
    severity: 'error',
    from: { path: '^packages/[^/]+/[^/]+/src/', pathNot: WITH_NODE },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'driver-knows-no-chip',
    comment: 'a driver meets its chip over the bus',
    severity: 'error',
    from: { path: '^packages/l2-link/' },
    to: { path: '^packages/l1-hardware/nic-' },
  },
  { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
];

/** @param base - the root whose package.json files declare the dependencies. */
export function layerRules(base: string, among: readonly Room[] = rooms): IForbiddenRuleType[] {
  const perRoom = among.flatMap((room) => [
    ...upward(room, rooms.slice(rooms.indexOf(room) + 1)),
    ...undeclared(room, base),
  ]);
  return [...COMMON, ...perRoom];
}
