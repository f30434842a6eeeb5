export { runScript, type RunOptions } from './run/run-script.ts';
export { failureText, type Failure, type RunResult } from './report/failure.ts';
