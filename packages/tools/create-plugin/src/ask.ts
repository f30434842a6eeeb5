import { basename, resolve } from 'node:path';
import { isCancel, select, text } from '@clack/prompts';
import { wrongName, type Asked, type Choice, type Language } from './choice.ts';
import { kinds } from './kinds/index.ts';

/** What the command line left open is asked. Null when the user would rather not. */
export async function ask(asked: Asked): Promise<Choice | null> {
  const answers: { -readonly [K in keyof Choice]?: Choice[K] } = { ...asked };
  answers.kind ??= (await given(
    select({
      message: 'What kind of plugin?',
      options: kinds.map(({ kind, title }) => ({ value: kind, label: kind, hint: title })),
    }),
  )) as string | undefined;
  if (answers.kind === undefined) return null;
  const suggested =
    answers.folder === undefined ? `my-${answers.kind}`.slice(0, 15) : basename(resolve(answers.folder));
  answers.name ??= (await given(
    text({
      message: 'What is it called?',
      initialValue: suggested,
      validate: (name) => wrongName(name ?? '') ?? undefined,
    }),
  )) as string | undefined;
  if (answers.name === undefined) return null;
  answers.language ??= (await given(
    select({
      message: 'In which language?',
      options: [
        { value: 'ts', label: 'TypeScript' },
        { value: 'js', label: 'JavaScript' },
      ],
    }),
  )) as Language | undefined;
  if (answers.language === undefined) return null;
  answers.folder ??= answers.name.replace(/^@[^/]*\//, '');
  return answers as Choice;
}

async function given(answer: Promise<unknown>): Promise<unknown> {
  const value = await answer;
  return isCancel(value) ? undefined : value;
}

/** Without asking: a hook in TypeScript, unless said otherwise. */
export function assume({ kind = 'hook', language = 'ts', folder, name }: Asked): Choice {
  const called = name ?? (folder === undefined ? `my-${kind}`.slice(0, 15) : basename(resolve(folder)));
  const wrong = wrongName(called);
  if (wrong !== null) throw new Error(`${called} is no name: ${wrong}; give one with --name`);
  return { kind, language, name: called, folder: folder ?? called.replace(/^@[^/]*\//, '') };
}
