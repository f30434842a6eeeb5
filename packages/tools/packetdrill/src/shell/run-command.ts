import type { Command } from '../language/script.ts';
import { Unsupported } from '../language/script-error.ts';
import type { Session } from '../run/session.ts';

export function runCommand(_session: Session, command: Command): void {
  throw new Unsupported(command.line, 'commands');
}
