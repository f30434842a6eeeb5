/**
 * How the parts of a host find each other: typed tokens, one container per host, plugins in two phases.
 *
 * ```ts
 * interface Greeter { greet(name: string): string }
 * const Greeter = token<Greeter>('Greeter', 'add greeter()');
 *
 * const greeter = (): Plugin => ({
 *   name: 'greeter',
 *   provide: (provider) => provider.bind(Greeter, () => ({ greet: (name) => `hello ${name}` })),
 * });
 *
 * const host = new Container('alice');
 * host.use([greeter()]);
 * host.get(Greeter).greet('bob'); // hello bob
 * ```
 *
 * @packageDocumentation
 */
export { Container } from './container.ts';
export { StackError } from './errors.ts';
export { contractError, FaultReports, Faults, type Part, type PluginFault } from './faults.ts';
export type { Plugin, Provider, Services, Undo } from './plugin.ts';
export { token, type Token } from './token.ts';
export * from './errno.ts';
