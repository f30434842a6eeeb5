/** Finds every import that breaks a rule of the building. */
import { existsSync } from 'node:fs';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { rooms } from './building.ts';
import { layerRules } from './layer-rules.ts';

export interface Violation {
  rule: string;
  from: string;
  to: string;
}

export interface LayerReport {
  violations: Violation[];
  /** How many modules were read: none would mean that nothing was checked. */
  modules: number;
}

/** @param base - a folder laid out as this repository is, wholly or in part. */
export async function checkLayers(base: string): Promise<LayerReport> {
  const present = rooms.filter(({ folder }) => existsSync(`${base}/${folder}/package.json`));
  const { output } = await cruise(
    ['packages'],
    {
      baseDir: base,
      ruleSet: { forbidden: layerRules(base, present) },
      validate: true,
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '^packages/[^/]+/[^/]+/(dist|build)/' },
    },
    {
      exportsFields: ['exports'],
      conditionNames: ['@stack/source', 'types', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.d.ts', '.json'],
    },
  );
  const { summary } = output as ICruiseResult;
  const violations = summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  return { violations, modules: summary.totalCruised };
}
