/** Writes the pages in docs/ that follow from the sources: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import steps from '../docs/seed-path.json' with { type: 'json' };
import { root } from './building.ts';
import { kernelMap, missing, type Step } from './kernel-map.ts';
import { kernelTags } from './kernel-tags.ts';

const tags = kernelTags(root);
writeFileSync(`${root}/docs/kernel-map.md`, kernelMap(steps as Step[], tags));
console.log(`docs/kernel-map.md: ${tags.length} counterparts`);
const absent = missing(steps as Step[], tags);
if (absent.length > 0) console.log(`without counterpart or reason: ${absent.join(', ')}`);
