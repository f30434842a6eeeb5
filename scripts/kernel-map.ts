/** The page that leads from the functions of Linux to ours, written from the `@kernel` tags and `docs/seed-path.json`. */
import type { KernelTag } from './kernel-tags.ts';

export interface Step {
  direction: 'out' | 'in';
  step: string;
  functions: { name: string; /** Why it has no counterpart. */ reason?: string }[];
}

const TITLES = { out: 'Out: from `write()` to the wire', in: 'In: from the wire to `read()`' };

const INTRODUCTION = `# Linux's functions and ours

Written by \`npm run docs\` from the \`@kernel\` tags in the sources; not to be edited by hand. The first two parts follow
one segment through the stack in the order in which it meets the functions; the third lists all other counterparts by file.
`;

type Index = ReadonlyMap<string, readonly KernelTag[]>;

const link = ({ ours, file, line }: KernelTag): string => `[\`${ours}\`](../${file}#L${line})`;
const place = ({ file }: KernelTag): string => file.split('/')[2]!;
const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function index(tags: readonly KernelTag[]): Index {
  const byName = new Map<string, KernelTag[]>();
  for (const tag of tags) byName.set(tag.name, [...(byName.get(tag.name) ?? []), tag]);
  return byName;
}

function row(byName: Index, { name, reason }: Step['functions'][number]): string[] {
  const found = byName.get(name) ?? [];
  const paths = [...new Set(found.map(({ path }) => path))];
  const ours = found.length > 0 ? found.map(link).join(', ') : `*${reason ?? 'missing'}*`;
  return [`\`${name}\``, paths.join(', '), ours, [...new Set(found.map(place))].join(', ')];
}

function direction(which: Step['direction'], steps: readonly Step[], byName: Index): string {
  const parts = steps
    .filter((step) => step.direction === which)
    .map(({ step, functions }) => {
      const rows = functions.map((wanted) => row(byName, wanted));
      return `### ${step}\n\n${table(['Linux', 'its file', 'here', 'package'], rows)}\n`;
    });
  return `## ${TITLES[which]}\n\n${parts.join('\n')}`;
}

function others(steps: readonly Step[], tags: readonly KernelTag[]): string {
  const named = new Set(steps.flatMap(({ functions }) => functions.map(({ name }) => name)));
  const rows = tags
    .filter(({ name }) => !named.has(name))
    .toSorted((a, b) => (a.path === b.path ? 0 : a.path < b.path ? -1 : 1))
    .map((tag) => [tag.path, `\`${tag.name}\``, link(tag), place(tag)]);
  return `## Everything else, by file\n\n${table(['file of Linux', 'Linux', 'here', 'package'], rows)}\n`;
}

/** The whole page. */
export function kernelMap(steps: readonly Step[], tags: readonly KernelTag[]): string {
  const byName = index(tags);
  return [INTRODUCTION, direction('out', steps, byName), direction('in', steps, byName), others(steps, tags)].join(
    '\n',
  );
}

/** Functions that neither have a counterpart nor a reason for having none. */
export function missing(steps: readonly Step[], tags: readonly KernelTag[]): string[] {
  const byName = index(tags);
  const wanted = steps.flatMap(({ functions }) => functions);
  return wanted.filter(({ name, reason }) => reason === undefined && !byName.has(name)).map(({ name }) => name);
}

/** The page without its line numbers, which every edit of a source moves. */
export function withoutLines(page: string): string {
  return page.replaceAll(/#L\d+\)/g, ')');
}
