/** Brings the build up to date and runs the program of one of the tools: `run-built.ts demo --json`. */
import { spawnSync } from 'node:child_process';
import { buildOrExit } from './build.ts';
import { root } from './building.ts';

const [tool, ...args] = process.argv.slice(2);
buildOrExit();
const { status } = spawnSync(process.execPath, [`${root}/packages/tools/${tool}/dist/main.js`, ...args], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
