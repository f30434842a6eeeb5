import { TCP_MD5SIG, TCP_MD5SIG_EXT, tcpMd5sig } from '@stack/tcp';
import type { Expression } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import { addressOf, type Arguments } from './arguments.ts';
import { OPTIONS } from './symbols/options.ts';
import { fieldOf, numberField } from './values.ts';

/** Where the flags are. @kernel include/uapi/linux/tcp.h struct tcp_md5sig */
const FLAGS = 128;

/**
 * The structure of a call that sets a key: `{tcpm_addr=..., tcpm_keylen=3, tcpm_key="abc"}`; null for other calls. The
 * script signs with the key that it has given to the host last.
 */
export function md5Key(args: Arguments): Uint8Array | null {
  const option = args.number(2);
  if (args.number(1) !== OPTIONS.SOL_TCP || (option !== TCP_MD5SIG && option !== TCP_MD5SIG_EXT)) return null;
  const value = args.item(3);
  if (value.kind !== 'structure') return null;
  const { line, session } = args;
  const key = keyOf(value, line);
  if (key.length > 0) session.md5Key = key;
  const peer = fieldOf(value, 'tcpm_addr', line);
  const address = peer === null || peer.kind === 'any' ? session.config.remoteIp : addressOf(peer, line).address;
  const bytes = tcpMd5sig(address, key, numberField(value, 'tcpm_prefixlen', line, 32));
  bytes[FLAGS] = numberField(value, 'tcpm_flags', line, bytes[FLAGS]);
  return bytes;
}

/** Text, or zeros when the script does not say. */
function keyOf(value: Expression, line: number): Uint8Array {
  const key = new Uint8Array(numberField(value, 'tcpm_keylen', line, 0));
  const text = fieldOf(value, 'tcpm_key', line);
  if (text === null || text.kind === 'any') return key;
  if (text.kind !== 'string') throw new ScriptError(line, 'tcpm_key is a string');
  key.set(new TextEncoder().encode(text.value).subarray(0, key.length));
  return key;
}
