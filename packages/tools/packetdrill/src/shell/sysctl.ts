import type { Session } from '../run/session.ts';
import { tcpSysctlNames } from '@stack/tcp';
import { DONE, failed, MissingFacility, printed, type Ended, type Invocation } from './command.ts';
import { findSetting, type Setting } from './sysctl-names.ts';

/** `sysctl [-q] [-w] name=value ...`, `sysctl [-n] name`. */
export function sysctl({ session, args }: Invocation): Ended {
  if (args.some((arg) => arg === '-a' || arg === '-A' || arg === '--all')) return printed(allOf(session));
  let output = '';
  const flags = args.filter((arg) => arg.startsWith('-')).join('');
  for (const arg of args.filter((each) => !each.startsWith('-'))) {
    if (flags.includes('e') && findSetting(session, arg.replace(/=.*/s, '').trim()) === null) continue;
    const equals = arg.indexOf('=');
    const name = (equals < 0 ? arg : arg.slice(0, equals)).trim();
    const setting = settingNamed(session, name);
    if (equals < 0) output += flags.includes('n') ? `${setting.get()}\n` : `${name} = ${setting.get()}\n`;
    else if (!setting.set(arg.slice(equals + 1))) return failed(`sysctl: ${name} cannot be '${arg.slice(equals + 1)}'`);
  }
  return printed(output);
}

/** TCP's settings, and those that are only remembered. */
function allOf(session: Session): string {
  const names = [...tcpSysctlNames.map((name) => `net.ipv4.${name}`), ...session.sysctls.names].sort();
  return names.map((name) => `${name} = ${settingNamed(session, name).get()}\n`).join('');
}

/** `set_sysctls.py /proc/sys/net/ipv4/tcp_sack=0 ...`: what the values were is remembered for {@link restoreSysctls}. */
export function setSysctls({ session, args }: Invocation): Ended {
  for (const arg of args) {
    const [name, value = ''] = arg.split(/=(.*)/s);
    const setting = settingNamed(session, name);
    const before = setting.get();
    if (!setting.set(value)) return failed(`set_sysctls.py: ${name} cannot be '${value}'`);
    session.changedSettings.push({ setting, before });
  }
  return DONE;
}

export function restoreSysctls({ session }: Invocation): Ended {
  for (const { setting, before } of session.changedSettings.splice(0).toReversed()) setting.set(before);
  return DONE;
}

export function settingNamed(session: Session, name: string): Setting {
  const setting = findSetting(session, name);
  if (setting === null) throw new MissingFacility(`the stack has no sysctl ${name}`);
  return setting;
}
