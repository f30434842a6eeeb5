#!/usr/bin/env node
/** `npm create @stack/plugin` */
import { cancel, intro, outro } from '@clack/prompts';
import { ask, assume } from './ask.ts';
import { readArguments, USAGE } from './choice.ts';
import { createPlugin } from './write.ts';

async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (asked.help) {
    console.log(USAGE);
    return 0;
  }
  if (asked.yes || !process.stdin.isTTY) {
    const choice = assume(asked);
    console.log(`${choice.folder}: ${createPlugin(choice).join(', ')}`);
    return 0;
  }
  intro('A plugin for @stack');
  const choice = await ask(asked);
  if (choice === null) {
    cancel('Nothing was written.');
    return 1;
  }
  createPlugin(choice);
  outro(`cd ${choice.folder} && npm install && npm test`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
