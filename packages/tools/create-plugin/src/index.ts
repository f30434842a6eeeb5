/**
 * Begins a plugin: a small, complete package with tests, for any kind of plugin.
 *
 * ```ts
 * createPlugin({ name: 'no-telnet', kind: 'hook', language: 'ts', folder: './no-telnet' });
 * ```
 *
 * @packageDocumentation
 */
export { readArguments, USAGE, wrongName, type Asked, type Choice, type Language } from './choice.ts';
export { files } from './files.ts';
export type { Kind } from './kinds/kind.ts';
export { kinds } from './kinds/index.ts';
export { createPlugin } from './write.ts';
