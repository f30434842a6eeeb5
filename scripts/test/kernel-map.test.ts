import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import seedPath from '../../docs/seed-path.json' with { type: 'json' };
import { rooms, root } from '../building.ts';
import { kernelMap, missing, withoutLines, type Step } from '../kernel-map.ts';
import { kernelTags, namesIn } from '../kernel-tags.ts';
import { smallRepo } from './small-repo.ts';

const steps = seedPath as Step[];
const SOURCE = `/**
 * Sends.
 * @kernel net/ipv4/ip_output.c ip_output(), ip_mc_output()
 */
export function ipOutput(): void {}

export class Route {
  /** Told to the walk. @kernel include/net/dst.h dst_output() */
  output(): void {}
}

/** @kernel include/net/dst.h struct dst_entry */
export interface Dst {}
`;

function tagsOfSource() {
  const emptyRooms = Object.fromEntries(rooms.map(({ name }) => [name, []]));
  return kernelTags(smallRepo(emptyRooms, { 'packages/l3-network/ipv4/src/index.ts': SOURCE }));
}

describe('the kernel tags', () => {
  test('a tag names one function or several, and prose ends the list', () => {
    const names = (comment: string) => namesIn(comment).map(({ name }) => name);
    expect(names('/** @kernel net/core/dev.c xmit_one() */')).toEqual(['xmit_one']);
    expect(names('/** @kernel net/core/dev.c a(), __b(), C, and others */')).toEqual(['a', '__b', 'C']);
    expect(names('/** @kernel net/ipv4/icmp.c a(), icmp_send() Reads it, keeps it. */')).toEqual(['a', 'icmp_send']);
    expect(names('/** @kernel include/net/dst.h struct dst_entry\n * @kernel net/core/dst.c dst_alloc() */')).toEqual([
      'dst_entry',
      'dst_alloc',
    ]);
    expect(names('/** @kernel include/uapi/asm-generic/errno.h */')).toEqual([]);
  });

  test('a tag leads to the declaration it stands on', () => {
    const file = 'packages/l3-network/ipv4/src/index.ts';
    expect(tagsOfSource()).toEqual([
      { path: 'net/ipv4/ip_output.c', name: 'ip_output', ours: 'ipOutput', file, line: 5 },
      { path: 'net/ipv4/ip_output.c', name: 'ip_mc_output', ours: 'ipOutput', file, line: 5 },
      { path: 'include/net/dst.h', name: 'dst_output', ours: 'Route.output', file, line: 9 },
      { path: 'include/net/dst.h', name: 'dst_entry', ours: 'Dst', file, line: 13 },
    ]);
  });
});

describe('the kernel map', () => {
  const step: Step = {
    direction: 'out',
    step: 'Output',
    functions: [{ name: 'ip_output' }, { name: 'ip_fragment', reason: 'no room' }, { name: 'dst_alloc' }],
  };

  test('lists counterparts, reasons and, at the end, what no step names', () => {
    const page = kernelMap([step], tagsOfSource());
    expect(page).toContain(
      '| `ip_output` | net/ipv4/ip_output.c | [`ipOutput`](../packages/l3-network/ipv4/src/index.ts#L5) | ipv4 |',
    );
    expect(page).toContain('| `ip_fragment` |  | *no room* |  |');
    expect(page.indexOf('ip_mc_output')).toBeGreaterThan(page.indexOf('Everything else'));
  });

  test('a function with neither counterpart nor reason is missing', () => {
    expect(missing([step], tagsOfSource())).toEqual(['dst_alloc']);
  });

  test('every function on the path has a counterpart or a reason', () => {
    expect(steps.length).toBeGreaterThan(0);
    expect(missing(steps, kernelTags(root))).toEqual([]);
  });

  test('docs/kernel-map.md is what npm run docs writes', () => {
    const page = readFileSync(`${root}/docs/kernel-map.md`, 'utf8');
    expect(withoutLines(page)).toBe(withoutLines(kernelMap(steps, kernelTags(root))));
  });
});
