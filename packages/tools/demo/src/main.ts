/** `npm start`: bytes through the whole stack, with what happened on the way. Exit code 1 when something differs. */
import { options, USAGE, type Options } from './options.ts';
import { run } from './run.ts';

function understood(args: string[]): Options | null {
  try {
    return options(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return null;
  }
}

const wanted = understood(process.argv.slice(2));
process.exitCode = 1;
if (wanted !== null) {
  const facts = await run(wanted);
  if (wanted.json) console.log(JSON.stringify(facts, null, 2));
  if (facts.ok) process.exitCode = 0;
}
