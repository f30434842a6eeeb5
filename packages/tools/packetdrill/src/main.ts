#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { failureText } from './report/failure.ts';
import { runScript } from './run/run-script.ts';

for (const file of process.argv.slice(2)) {
  const result = await runScript(readFileSync(file, 'utf8'));
  if (result.ok) console.log(`ok ${file}`);
  else {
    console.log(`FAILED ${failureText(file, result.failure!)}`);
    process.exitCode = 1;
  }
}
