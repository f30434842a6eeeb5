import type { Options } from './options.ts';

/** Where the program's text goes: to the terminal, or nowhere when the facts are asked for as JSON. */
export interface Say {
  heading(text: string): void;
  line(text?: string): void;
  /** Whether a person watches: then progress is shown. */
  readonly interactive: boolean;
}

export function say({ json }: Options): Say {
  const print = json ? () => {} : (text: string) => console.log(text);
  return {
    heading: (text) => print(`\n── ${text} ${'─'.repeat(Math.max(0, 100 - text.length))}`),
    line: (text = '') => print(text),
    interactive: !json && process.stderr.isTTY === true,
  };
}

/** 1234567 as 1,234,567. */
export function grouped(number: number): string {
  return Math.round(number).toLocaleString('en');
}
