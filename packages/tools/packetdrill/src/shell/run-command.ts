import type { Command } from '../language/script.ts';
import { ScriptError, Unsupported } from '../language/script-error.ts';
import type { Session } from '../run/session.ts';
import { MissingFacility } from './command.ts';
import { Shell } from './shell.ts';
import { ShellSyntaxError } from './syntax-error.ts';

/**
 * Runs a command of a script on the host under test. Throws a {@link ScriptError} when it fails, and
 * {@link Unsupported} at once for a program or a facility that the host does not have.
 */
export function runCommand(session: Session, command: Command): void {
  const { line, text } = command;
  try {
    const { status, error } = new Shell(session).run(text);
    if (status !== 0) throw new ScriptError(line, `the command ended with status ${status}: ${error}`);
  } catch (error) {
    if (error instanceof MissingFacility || error instanceof ShellSyntaxError)
      throw new Unsupported(line, error.message);
    throw error;
  }
}
