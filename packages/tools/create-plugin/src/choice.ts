import { kinds } from './kinds/index.ts';

export type Language = 'ts' | 'js';

/** What a plugin is to be. */
export interface Choice {
  /** Its package name, perhaps with a scope. */
  readonly name: string;
  readonly kind: string;
  readonly language: Language;
  /** Where it is written. */
  readonly folder: string;
}

/** The name without its scope: what the plugin is called in code. */
export function bareName(name: string): string {
  return name.replace(/^@[^/]*\//, '');
}

/** Why this is no name for a package and a plugin, or null. */
export function wrongName(name: string): string | null {
  if (!/^(@[a-z0-9][a-z0-9-]*\/)?[a-z][a-z0-9-]*$/.test(name))
    return 'small letters, digits and dashes, a letter first';
  return bareName(name).length > 15 ? 'fifteen letters at most: Linux has no room for more' : null;
}

/** What the command line says, and what it does not. */
export interface Asked extends Partial<Choice> {
  readonly help?: boolean;
}

export const USAGE = `npm create @stack/plugin [folder] [-- options]

  --kind <kind>      ${kinds.map(({ kind }) => kind).join(', ')}
  --name <name>      of the package; the folder's name unless given
  --js               plain JavaScript instead of TypeScript
  --yes              ask nothing: TypeScript and a hook unless said otherwise
`;

/** Reads the command line. Throws an Error with the reason when it makes no sense. */
export function readArguments(args: readonly string[]): Asked & { yes: boolean } {
  const asked: { -readonly [K in keyof Asked]: Asked[K] } & { yes: boolean } = { yes: false };
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === '--help' || argument === '-h') asked.help = true;
    else if (argument === '--yes' || argument === '-y') asked.yes = true;
    else if (argument === '--js') asked.language = 'js';
    else if (argument === '--ts') asked.language = 'ts';
    else if (argument === '--kind') asked.kind = args[++i] ?? '';
    else if (argument === '--name') asked.name = args[++i] ?? '';
    else if (argument.startsWith('-')) throw new Error(`unknown option ${argument}\n\n${USAGE}`);
    else asked.folder = argument;
  }
  if (asked.kind !== undefined && !kinds.some(({ kind }) => kind === asked.kind)) {
    throw new Error(`unknown kind ${asked.kind}: one of ${kinds.map(({ kind }) => kind).join(', ')}`);
  }
  const wrong = asked.name === undefined ? null : wrongName(asked.name);
  if (wrong !== null) throw new Error(`${asked.name} is no name: ${wrong}`);
  return asked;
}
