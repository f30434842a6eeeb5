import type { SocketFile } from '@stack/socket';
import type { Code } from '../language/script.ts';
import { ScriptError } from '../language/script-error.ts';
import { runCode } from '../python/run-code.ts';
import { socketValues } from '../python/socket-values.ts';
import type { Session } from './session.ts';

/** Runs `%{ ... }%` with the values of the socket under test. */
export function runCodeEvent(session: Session, { text, line }: Code): void {
  const values = socketValues(socketUnderTest(session, line));
  runCode(text, line, session.memory, values, (printed) => session.output.push(printed));
}

function socketUnderTest({ connections, descriptors, network }: Session, line: number): SocketFile {
  const { current } = connections;
  for (const fd of descriptors.all) {
    const file = network.host.sockets.fileOf(fd);
    if (typeof file === 'number' || file.sk === null) continue;
    if (current !== null && file.sk.sport === current.localPort && file.sk.dport === current.remotePort) return file;
  }
  throw new ScriptError(line, 'code needs a socket that is connected or accepted');
}
