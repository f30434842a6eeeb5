import type { Session } from '../run/session.ts';
import { DONE, failed, MissingFacility, printed, type Ended } from './command.ts';
import { evaluateArithmetic } from './arithmetic.ts';
import { expandText, expandWord, globPattern, type ShellScope } from './expand.ts';
import { readFile, writeFile } from './files.ts';
import { findProgram } from './programs.ts';
import { parseShell, type Redirection, type ShellNode } from './syntax.ts';
import { singleQuoted } from './tokens.ts';

/** `exit`, `return`, `break` and `continue` leave what they stand in. */
class Leaving extends Error {
  readonly how: string;
  readonly ended: Ended;

  constructor(how: string, ended: Ended) {
    super(how);
    this.how = how;
    this.ended = ended;
  }
}

/** More rounds than any loop of a script needs. */
const ENDLESS = 100_000;

/** Runs one command of a script: its variables and functions are gone afterwards. */
export class Shell implements ShellScope {
  readonly #session: Session;
  readonly #variables = new Map([['PPID', '1'], ['$', '2'], ['?', '0'], ['0', 'sh'], ['HOME', '/root']]); // prettier-ignore
  readonly #functions = new Map<string, ShellNode>();
  #stopsAtFailure = false;
  /** What `read` has not taken yet of the input of a loop. */
  #lines: string[] = [];
  args: readonly string[] = [];

  constructor(session: Session) {
    this.#session = session;
  }

  run(text: string): Ended {
    try {
      return this.#run(parseShell(text), '', false);
    } catch (error) {
      if (error instanceof Leaving) return error.ended;
      throw error;
    }
  }

  variable(name: string): string | undefined {
    return this.#variables.get(name);
  }

  assign(name: string, value: string): void {
    this.#variables.set(name, value);
  }

  outputOf(command: string): string {
    return this.#run(parseShell(command), '', false).output;
  }

  /** `isAsked`: somebody looks at how it ends, so a failure is none for `set -e`. */
  #run(node: ShellNode, input: string, isAsked: boolean): Ended {
    switch (node.kind) {
      case 'program':
        return this.#program(node.words, input);
      case 'pipeline':
        return this.#pipeline(node.parts, node.negated, input, isAsked || node.negated);
      case 'list':
        return this.#list(node.items, input, isAsked);
      case 'if': {
        const branch = node.branches.find(({ condition }) => this.#run(condition, '', true).status === 0);
        const body = branch?.body ?? node.otherwise;
        return body === null ? DONE : this.#run(body, input, isAsked);
      }
      case 'case':
        return this.#case(node, input, isAsked);
      case 'while':
        if (input !== '') this.#lines = input.split(/(?<=\n)/);
        return this.#loop(node.body, () => (this.#run(node.condition, '', true).status === 0) !== node.until);
      case 'for': {
        const words = node.words.flatMap((word) => expandWord(word, this)).values();
        return this.#loop(node.body, () => {
          const { value, done } = words.next();
          if (done !== true) this.assign(node.name, value);
          return done !== true;
        });
      }
      case 'function':
        this.#functions.set(node.name, node.body);
        return DONE;
      case 'redirected':
        return this.#redirected(node.node, node.redirections, input, isAsked);
    }
  }

  #case({ word, choices }: Extract<ShellNode, { kind: 'case' }>, input: string, isAsked: boolean): Ended {
    const value = expandText(word, this);
    const isIt = (pattern: string): boolean => globPattern(expandText(pattern, this)).test(value);
    const choice = choices.find(({ patterns }) => patterns.some(isIt));
    return choice === undefined ? DONE : this.#run(choice.body, input, isAsked);
  }

  #list(items: Extract<ShellNode, { kind: 'list' }>['items'], input: string, isAsked: boolean): Ended {
    let [ended, output] = [DONE, ''];
    items.forEach(({ join, node }, i) => {
      if (join === '&&' ? ended.status !== 0 : join === '||' && ended.status === 0) return;
      const next = items[i + 1]?.join ?? ';';
      ended = next === '||' ? this.#tried(node, input) : this.#run(node, input, isAsked || next !== ';');
      output += ended.output;
    });
    return { ...ended, output };
  }

  /** What the host does not have fails like any other program where the script says what to do then. */
  #tried(node: ShellNode, input: string): Ended {
    try {
      return this.#run(node, input, true);
    } catch (error) {
      if (error instanceof MissingFacility) return failed(error.message, 127);
      throw error;
    }
  }

  /** The output of each goes into the next. */
  #pipeline(parts: readonly ShellNode[], negated: boolean, input: string, isAsked: boolean): Ended {
    let ended: Ended = printed(input);
    for (const part of parts) ended = this.#run(part, ended.output, true);
    if (negated) ended = { ...ended, status: ended.status === 0 ? 1 : 0, error: 'it was to fail' };
    this.assign('?', String(ended.status));
    if (ended.status !== 0 && this.#stopsAtFailure && !isAsked) throw new Leaving('exit', ended);
    return ended;
  }

  #loop(body: ShellNode, goesOn: () => boolean): Ended {
    let [ended, output] = [DONE, ''];
    for (let round = 0; goesOn(); round++) {
      if (round === ENDLESS) throw new MissingFacility('the loop does not end');
      try {
        ended = this.#run(body, '', false);
        output += ended.output;
      } catch (error) {
        if (!(error instanceof Leaving) || !['break', 'continue'].includes(error.how)) throw error;
        if (error.how === 'break') break;
      }
    }
    return { ...ended, output };
  }

  #redirected(node: ShellNode, redirections: readonly Redirection[], input: string, isAsked: boolean): Ended {
    let from = input;
    const files = redirections.map(({ operator, file }) => ({ operator, path: expandText(file, this) }));
    for (const { operator, path } of files) {
      if (operator === '<') from = readFile(this.#session, path);
      else if (operator === '<<<') from = `${path}\n`;
      else if (operator.startsWith('<<')) from = path;
    }
    const ended = this.#run(node, from, isAsked);
    const targets = files.filter(({ operator }) => /^(?:1?>>?|&>)$/.test(operator));
    for (const { operator, path } of targets) writeFile(this.#session, path, ended.output, operator.endsWith('>>'));
    return targets.length === 0 ? ended : { ...ended, output: '' };
  }

  #program(written: readonly string[], input: string): Ended {
    if (written[0]?.startsWith('((')) return this.#arithmetic(written[0].slice(2, -2));
    let assignments = 0;
    while (/^\w+=/.test(written[assignments] ?? '')) assignments++;
    for (const word of written.slice(0, assignments)) {
      const equals = word.indexOf('=');
      this.assign(word.slice(0, equals), expandText(word.slice(equals + 1), this));
    }
    const [name, ...args] = written.slice(assignments).flatMap((word) => expandWord(word, this));
    if (name === undefined) return DONE;
    const own = this.#functions.get(name);
    if (own !== undefined) return this.#call(own, args, input);
    return this.#builtin(name, args, input) ?? this.#external([name, ...args], input);
  }

  /** It succeeds when there is something else than 0. */
  #arithmetic(text: string): Ended {
    return evaluateArithmetic(expandText(`"${text.replaceAll('"', '')}"`, this), this) === 0 ? failed('it is 0') : DONE;
  }

  /** `read A B`: a line into words, the last of which takes the rest. */
  #read(names: readonly string[], input: string): Ended {
    const line = input === '' ? this.#lines.shift() : input.split('\n')[0];
    if (line === undefined) return failed('read: there is nothing left');
    const words = line.trim().split(/\s+/);
    names.forEach((name, i) => this.assign(name, (i === names.length - 1 ? words.slice(i).join(' ') : words[i]) ?? ''));
    return DONE;
  }

  #call(body: ShellNode, args: readonly string[], input: string): Ended {
    const outer = this.args;
    this.args = args;
    try {
      return this.#run(body, input, false);
    } catch (error) {
      if (error instanceof Leaving && error.how === 'return') return error.ended;
      throw error;
    } finally {
      this.args = outer;
    }
  }

  /** What only a shell can do; null when it is none of this. */
  #builtin(name: string, args: readonly string[], input: string): Ended | null {
    switch (name) {
      case 'exit':
      case 'return':
      case 'break':
      case 'continue': {
        const status = Number(name === 'exit' || name === 'return' ? (args[0] ?? this.variable('?')) : 0);
        throw new Leaving(name, status === 0 ? DONE : failed(`${name} ${status}`, status));
      }
      case 'set':
        if (args.includes('-e')) this.#stopsAtFailure = true;
        return DONE;
      case 'shift':
        this.args = this.args.slice(Number(args[0] ?? 1));
        return DONE;
      case 'export':
      case 'local':
      case 'readonly':
        for (const arg of args.filter((each) => each.includes('='))) this.#program([quote(arg)], '');
        return DONE;
      case 'let':
        return this.#arithmetic(args.join(','));
      case 'read':
        return this.#read(
          args.filter((each) => !each.startsWith('-')),
          input,
        );
      case 'unset':
        for (const each of args) this.#variables.delete(each);
        return DONE;
      case 'exec':
      case 'time':
      case 'command':
      case 'env':
        return args.length === 0 ? DONE : this.#program(args.map(singleQuoted), input);
      case 'timeout':
        return this.#program(args.slice(1).map(singleQuoted), input);
      case 'xargs':
        return this.#program([...args, ...input.trim().split(/\s+/).map(singleQuoted)], '');
      case 'eval':
        return this.#run(parseShell(args.join(' ')), '', false);
      case 'sh':
      case 'bash':
        return args[0] === '-c' ? new Shell(this.#session).run(args[1] ?? '') : null;
      default:
        return null;
    }
  }

  #external(words: readonly string[], input: string): Ended {
    const found = findProgram(words);
    if (found === null) throw new MissingFacility(`the program ${words[0]} is not supported`);
    return found.program({ session: this.#session, args: found.args, input });
  }
}

/** An assignment whose value was expanded already. */
function quote(assignment: string): string {
  const equals = assignment.indexOf('=');
  return `${assignment.slice(0, equals)}=${singleQuoted(assignment.slice(equals + 1))}`;
}
