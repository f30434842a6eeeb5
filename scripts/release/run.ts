/** Programs and folders of a trial release. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Where everything of one trial happens; nothing of it stays. */
export class Trial {
  readonly folder = mkdtempSync(`${tmpdir()}/stack-release-`);
  #undos: (() => void | Promise<void>)[] = [() => rmSync(this.folder, { recursive: true, force: true })];
  passed = 0;
  failed = 0;

  atEnd(undo: () => void | Promise<void>): void {
    this.#undos.push(undo);
  }

  /** One thing that must hold. What fails is told and counted; the others go on. */
  async step<T>(name: string, act: () => T | Promise<T>): Promise<T | null> {
    const began = Date.now();
    try {
      const result = await act();
      this.passed++;
      console.log(
        `ok     ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)${typeof result === 'string' ? `: ${result}` : ''}`,
      );
      return result;
    } catch (error) {
      this.failed++;
      console.log(`FAILED ${name}`);
      console.log((error as Error).message.replaceAll(/^/gm, '       '));
      return null;
    }
  }

  async end(): Promise<void> {
    for (const undo of this.#undos.toReversed()) await undo();
  }
}

export interface Settings {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end; what it prints, without the last newline. Throws with all of it when it fails. */
export function run(command: string, args: readonly string[], { cwd, env = process.env }: Settings): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let all = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
      all += chunk;
    });
    child.stderr.on('data', (chunk) => (all += chunk));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(out.trimEnd());
      else reject(new Error(`${command} ${args.join(' ')} (in ${cwd}): ${status}\n${all.slice(-4000)}`));
    });
  });
}

/** Does all, no more than `width` at a time. */
export async function each<T>(items: readonly T[], width: number, act: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

export function expect(found: string, wanted: string): string {
  if (found === wanted) return found;
  throw new Error(`expected ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}`);
}
