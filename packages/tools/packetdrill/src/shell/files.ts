import type { Session } from '../run/session.ts';
import { MissingFacility } from './command.ts';
import { isProcNet, procNet } from './proc-net.ts';
import { settingNamed } from './sysctl.ts';

const SETTINGS = /^\/proc\/sys\/|^\/sys\/module\//;

/** What is in a file of the host: a setting, or what the script has written. */
export function readFile(session: Session, path: string): string {
  if (SETTINGS.test(path)) return `${settingNamed(session, path).get()}\n`;
  if (isProcNet(path)) return procNet(session, path);
  const text = path === '/dev/null' ? '' : session.disk.read(path);
  if (text === null) throw new MissingFacility(`the host has no file ${path}`);
  return text;
}

/** Output that goes to a file: settings are set, `/dev/...` is forgotten. */
export function writeFile(session: Session, path: string, text: string, isAppended: boolean): void {
  if (SETTINGS.test(path)) {
    if (!settingNamed(session, path).set(text)) throw new MissingFacility(`${path} cannot be '${text.trim()}'`);
  } else if (path.startsWith('/sys/') || path.startsWith('/proc/')) {
    throw new MissingFacility(`the host has no file ${path}`);
  } else if (!path.startsWith('/dev/')) {
    if (isAppended) session.disk.append(path, text);
    else session.disk.write(path, text);
  }
}
