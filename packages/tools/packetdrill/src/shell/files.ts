import type { Session } from '../run/session.ts';
import { MissingFacility } from './command.ts';
import { settingNamed } from './sysctl.ts';

/** What is in a file of the host: settings under /proc/sys only. */
export function readFile(session: Session, path: string): string {
  if (path.startsWith('/proc/sys/')) return `${settingNamed(session, path).get()}\n`;
  throw new MissingFacility(`the host has no file ${path}`);
}

/** Output that goes to a file: settings are set, other files are forgotten. */
export function writeFile(session: Session, path: string, text: string): void {
  if (path.startsWith('/proc/sys/')) {
    if (!settingNamed(session, path).set(text)) throw new MissingFacility(`${path} cannot be '${text.trim()}'`);
  } else if (path.startsWith('/sys/') || path.startsWith('/proc/')) {
    throw new MissingFacility(`the host has no file ${path}`);
  }
}
