import type { Call } from '../language/script.ts';
import { Unsupported } from '../language/script-error.ts';
import type { Session } from '../run/session.ts';
import { Arguments } from './arguments.ts';
import type { Answer, CallTable } from './call-table.ts';
import { CONTROL_CALLS } from './control.ts';
import { FILE_CALLS } from './files.ts';
import { MAPPING_CALLS } from './mapping.ts';
import { OPTION_CALLS } from './options.ts';
import type { Outcome } from './outcome.ts';
import { POLL_CALLS } from './polling.ts';
import { SELECT_CALLS } from './select.ts';
import { SOCKET_CALLS } from './sockets.ts';
import { SPLICE_CALLS } from './splice.ts';
import { TRANSFER_CALLS } from './transfer.ts';

const CALLS: CallTable = {
  ...SOCKET_CALLS,
  ...TRANSFER_CALLS,
  ...OPTION_CALLS,
  ...POLL_CALLS,
  ...SELECT_CALLS,
  ...CONTROL_CALLS,
  ...MAPPING_CALLS,
  ...FILE_CALLS,
  ...SPLICE_CALLS,
};

/** Makes a system call of the script. Throws {@link Unsupported} for one the host does not have. */
export function performCall(session: Session, call: Call, line: number): Outcome | Promise<Outcome> {
  if (!Object.hasOwn(CALLS, call.name)) throw new Unsupported(line, `the system call ${call.name} is not supported`);
  const answer = CALLS[call.name](new Arguments(session, call, line));
  return answer instanceof Promise ? answer.then(outcomeOf) : outcomeOf(answer);
}

function outcomeOf(answer: Answer): Outcome {
  return typeof answer === 'number' ? { result: answer } : answer;
}
