import type { PythonToken, Statement } from './tokens.ts';
import { PythonError } from './values.ts';

/** A statement with those that are indented under it. */
export interface Block {
  readonly line: number;
  readonly tokens: readonly PythonToken[];
  readonly body: readonly Block[];
}

const OPENERS = ['if', 'elif', 'else', 'for', 'while', 'def', 'try', 'except', 'finally', 'class', 'with'];

/** Puts statements under those that they belong to. Throws a {@link PythonError} where something is missing. */
export function blocksOf(statements: readonly Statement[]): Block[] {
  let next = 0;
  /** Those that are indented more than `indent`. */
  const takeBlocks = (indent: number): Block[] => {
    const blocks: Block[] = [];
    while (next < statements.length && statements[next].indent > indent) blocks.push(take());
    return blocks;
  };
  const take = (): Block => {
    const statement = statements[next++];
    const { line, tokens, indent } = statement;
    if (!OPENERS.includes(tokens[0].text)) return { line, tokens, body: [] };
    const colon = colonOf(tokens);
    const header = tokens.slice(0, colon);
    const rest = tokens.slice(colon + 1);
    if (rest.length === 0) {
      const body = takeBlocks(indent);
      if (body.length === 0) throw new PythonError(`'${tokens[0].text}' needs a block`);
      return { line, tokens: header, body };
    }
    const body: Block[] = [{ line, tokens: rest, body: [] }];
    while (next < statements.length && statements[next].isBehind) body.push(take());
    return { line, tokens: header, body };
  };
  return takeBlocks(-1);
}

function colonOf(tokens: readonly PythonToken[]): number {
  let depth = 0;
  for (let i = 0; i < tokens.length; i++) {
    if ('([{'.includes(tokens[i].text)) depth++;
    if (')]}'.includes(tokens[i].text)) depth--;
    if (tokens[i].text === ':' && depth === 0) return i;
  }
  throw new PythonError(`a ':' is missing`);
}
