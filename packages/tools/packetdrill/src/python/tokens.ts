export interface PythonToken {
  readonly kind: 'number' | 'name' | 'string' | 'operator' | 'end';
  readonly text: string;
}

/** A statement, and on which line of the code it begins, 0 for the first. */
export interface Statement {
  readonly line: number;
  /** Blanks before it; of one behind `;`, those of the first on its line. */
  readonly indent: number;
  /** Whether it stands behind a `;`. */
  readonly isBehind: boolean;
  readonly tokens: readonly PythonToken[];
}

const TOKEN =
  /[ \t\r]+|#[^\n]*|\\\r?\n|(?<newline>\n|;)|(?<number>0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|\d[\d_]*(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)|(?<string>[fFrRuUbB]?(?:"""[\s\S]*?"""|'''[\s\S]*?'''|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"))|(?<name>[A-Za-z_]\w*)|(?<operator>\*\*=?|\/\/=?|<<=?|>>=?|<=|>=|==|!=|<>|->|:=|\.\.\.|[-+*/%|&^]=|[-+*/%|&^~<>=(),[\]{}.:])/y;

/** Cuts code into statements. Null when something in it is no token. */
export function splitStatements(code: string): Statement[] | null {
  const statements: Statement[] = [];
  let tokens: PythonToken[] = [];
  let [line, start, depth, indent, isBehind] = [0, 0, 0, 0, false];
  const finish = (separator: string): void => {
    if (tokens.length > 0) statements.push({ line: start, indent, isBehind, tokens });
    isBehind = separator === ';';
    tokens = [];
  };
  for (let at = 0; at < code.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(code);
    if (match === null) return null;
    const token = tokenOf(match.groups!);
    if (token !== null) {
      if (tokens.length === 0) {
        start = line;
        if (!isBehind) indent = line === 0 ? 0 : at - (code.lastIndexOf('\n', at) + 1);
      }
      if ('([{'.includes(token.text)) depth++;
      if (')]}'.includes(token.text)) depth--;
      tokens.push(token);
    } else if (match.groups!.newline !== undefined && depth === 0) finish(match[0]);
    line += match[0].split('\n').length - 1;
  }
  finish('');
  return statements;
}

function tokenOf(groups: Record<string, string | undefined>): PythonToken | null {
  for (const kind of ['number', 'string', 'name', 'operator'] as const) {
    const text = groups[kind];
    if (text !== undefined) return { kind, text };
  }
  return null;
}
