/** Why a script failed, and where. */
export interface Failure {
  /** 1 for the first line. */
  readonly line: number;
  /** The line itself. */
  readonly text: string;
  /** What was expected and what was seen, one difference a line. */
  readonly message: string;
  /** Packets before, and sent but not asked for, as scripts write them, with times in seconds. */
  readonly packets: readonly string[];
  /** Whether the script, or the stack, asks for what is not there. */
  readonly unsupported: boolean;
}

/** What became of a script. */
export interface RunResult {
  readonly ok: boolean;
  readonly failure: Failure | null;
  /** What its code printed. */
  readonly output: readonly string[];
}

/** A failure for people, `name` being the script's. */
export function failureText(name: string, failure: Failure): string {
  const { line, text, message, packets } = failure;
  const around = packets.length === 0 ? [] : ['  packets around it:', ...packets.map((packet) => `    ${packet}`)];
  return [`${name}:${line}: ${text}`, ...message.split('\n').map((each) => `  ${each}`), ...around].join('\n');
}
