import { errnoName } from '@stack/plugin';
import type { LocalFile } from '../files/local-file.ts';
import type { Call } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import type { Descriptors } from './descriptors.ts';

/** What a call returned, and what it wrote elsewhere than it should have. */
export interface Outcome {
  /** A count, a descriptor or a negative errno. */
  readonly result: number;
  /** Whether the result is a new descriptor, for which the script has a number of its own. */
  readonly isDescriptor?: boolean;
  /** What is behind it, if it is not the host's. */
  readonly file?: LocalFile;
  readonly problems?: readonly string[];
}

/** Throws a {@link ScriptError} when the call did not return what the script says. */
export function checkOutcome(line: number, call: Call, outcome: Outcome, descriptors: Descriptors): void {
  const { result, isDescriptor = false, problems = [] } = outcome;
  if (call.result !== null && !isExpected(call, result, isDescriptor)) {
    throw new ScriptError(line, `expected ${resultText(call)}, the call returned ${liveText(result)}`);
  }
  if (problems.length > 0) throw new ScriptError(line, problems.join('\n'));
  if (!isDescriptor || result < 0 || call.result === null) return;
  if (outcome.file === undefined) descriptors.open(call.result, result);
  else descriptors.openFile(call.result, outcome.file);
}

function isExpected({ result, errno }: Call, live: number, isDescriptor: boolean): boolean {
  if (live < 0) return result === -1 && (errno === null || errno === errnoName(live));
  return isDescriptor ? result! >= 0 : result === live;
}

function resultText({ result, errno }: Call): string {
  return errno === null ? String(result) : `${result} ${errno}`;
}

function liveText(result: number): string {
  return result < 0 ? `-1 ${errnoName(result)}` : String(result);
}
