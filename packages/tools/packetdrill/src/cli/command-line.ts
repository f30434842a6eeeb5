import { readFileSync } from 'node:fs';
import { failureText } from '../report/failure.ts';
import { runScript } from '../run/run-script.ts';
import { parseCommandLine, USAGE, type CommandLine } from './options.ts';

/** Runs the scripts of a command line and says what became of them. Returns the exit code: 0 only if all pass. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let line: CommandLine;
  try {
    line = parseCommandLine(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  let failed = 0;
  for (const file of line.files) if (!(await runFile(file, line))) failed++;
  if (line.files.length > 1) console.log(`${line.files.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function runFile(file: string, { run, quiet }: CommandLine): Promise<boolean> {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    console.log(`FAILED ${file}: ${(error as Error).message}`);
    return false;
  }
  const { failure, output } = await runScript(source, run);
  for (const text of output) console.log(text);
  if (failure !== null) console.log(`FAILED ${failureText(file, failure)}`);
  else if (!quiet) console.log(`ok ${file}`);
  return failure === null;
}
