/** What is wrong with a script, or with what it met, and where. */
export class ScriptError extends Error {
  override readonly name: string = 'ScriptError';
  /** 1 for the first line. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** The script is understood, but asks for what this runner or the stack does not have. */
export class Unsupported extends ScriptError {
  override readonly name = 'Unsupported';
}
