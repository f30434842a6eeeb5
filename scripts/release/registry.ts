/** A registry of our own on loopback, for packages of @stack and of an author's, and for nothing else. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { root } from '../building.ts';
import type { Trial } from './run.ts';

export interface Registry {
  readonly url: string;
  /** For npm: packages of @stack and of authors come from here, all others from where they always come from. */
  readonly env: NodeJS.ProcessEnv;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const configuration = (folder: string): string => `
storage: ${folder}/storage
auth: { htpasswd: { file: ${folder}/htpasswd, max_users: -1 } }
uplinks: {}
packages:
  '@stack/*': { access: $all, publish: $anonymous, unpublish: $anonymous }
  '@me-*/*': { access: $all, publish: $anonymous, unpublish: $anonymous }
max_body_size: 50mb
web: { enable: false }
log: { type: file, path: ${folder}/verdaccio.log, level: warn }
`;

/** Starts verdaccio; it ends with the trial. */
export async function startRegistry(trial: Trial): Promise<Registry> {
  const folder = `${trial.folder}/registry`;
  mkdirSync(folder);
  writeFileSync(`${folder}/config.yaml`, configuration(folder));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const child = spawn(
    process.execPath,
    [
      `${root}/node_modules/verdaccio/bin/verdaccio`,
      '--config',
      `${folder}/config.yaml`,
      '--listen',
      `127.0.0.1:${port}`,
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  trial.atEnd(
    () =>
      new Promise<void>((resolve) => {
        child.on('close', () => resolve());
        if (!child.kill()) resolve();
      }),
  );
  for (let tries = 0; !(await answers(url)); tries++) {
    if (tries === 100 || child.exitCode !== null) throw new Error('verdaccio does not answer');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  writeFileSync(
    `${folder}/npmrc`,
    `@stack:registry=${url}\n@me-ts:registry=${url}\n@me-js:registry=${url}\n//127.0.0.1:${port}/:_authToken=nobody\n`,
  );
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    npm_config_cache: `${trial.folder}/cache`,
    npm_config_globalconfig: `${folder}/npmrc`,
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
  return { url, env };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}-/ping`)).ok;
  } catch {
    return false;
  }
}
