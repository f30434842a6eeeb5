import type { Command } from '../language/script.ts';
import { ScriptError, Unsupported } from '../language/script-error.ts';
import type { Session } from '../run/session.ts';
import { DONE, MissingFacility, type Ended } from './command.ts';
import { writeFile } from './files.ts';
import { findProgram } from './programs.ts';
import { ShellSyntaxError } from './syntax-error.ts';
import { splitWords, type Piece } from './words.ts';

/** Of the shell; the process's number makes the names of files. */
const VARIABLES = new Map([['PPID', '1']]);

/**
 * Runs a command of a script on the host under test. Throws a {@link ScriptError} when its last program fails, and
 * {@link Unsupported} at once for a program or a facility that the host does not have.
 */
export function runCommand(session: Session, command: Command): void {
  const { line, text } = command;
  try {
    const { status, error } = runList(session, splitWords(text, VARIABLES));
    if (status !== 0) throw new ScriptError(line, `the command ended with status ${status}: ${error}`);
  } catch (error) {
    if (error instanceof MissingFacility || error instanceof ShellSyntaxError)
      throw new Unsupported(line, error.message);
    throw error;
  }
}

const SEPARATORS = [';', '\n', '&&', '||'];

/** Pipelines one after another; `&&` and `||` look at how the one before ended. */
function runList(session: Session, pieces: readonly Piece[]): Ended {
  let ended = DONE;
  let separator = ';';
  for (let from = 0; from <= pieces.length;) {
    const next = pieces.findIndex(
      (piece, i) => i >= from && piece.kind === 'operator' && SEPARATORS.includes(piece.text),
    );
    const to = next < 0 ? pieces.length : next;
    const isWanted = separator === '&&' ? ended.status === 0 : separator !== '||' || ended.status !== 0;
    if (isWanted && to > from) ended = runPipeline(session, pieces.slice(from, to));
    separator = pieces[to]?.text ?? ';';
    from = to + 1;
  }
  return ended;
}

function runPipeline(session: Session, pieces: readonly Piece[]): Ended {
  let ended = DONE;
  for (let from = 0; from <= pieces.length;) {
    const next = pieces.findIndex((piece, i) => i >= from && piece.kind === 'operator' && piece.text === '|');
    const to = next < 0 ? pieces.length : next;
    ended = runProgram(session, pieces.slice(from, to), ended.output);
    from = to + 1;
  }
  return ended;
}

function runProgram(session: Session, pieces: readonly Piece[], input: string): Ended {
  const words: string[] = [];
  let target: string | null = null;
  for (let i = 0; i < pieces.length; i++) {
    const { kind, text } = pieces[i];
    if (kind === 'word') words.push(text);
    else if (/^(?:1?>>?|&>)$/.test(text)) target = pieces[++i]?.text ?? '/dev/null';
    else if (/^[2-9]>>?$|^<$/.test(text)) i++;
    else if (!text.includes('>&')) throw new ShellSyntaxError(`'${text}' is not supported in commands`);
  }
  const found = findProgram(words);
  if (found === null) throw new MissingFacility(`the program ${words[0]} is not supported`);
  const ended = found.program({ session, args: found.args, input });
  if (target !== null) writeFile(session, target, ended.output);
  return target === null ? ended : { ...ended, output: '' };
}
