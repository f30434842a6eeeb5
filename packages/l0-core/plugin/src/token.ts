/** Names a service of type `T`. Two tokens are the same only if they are the same object. */
export interface Token<T> {
  readonly id: symbol;
  readonly name: string;
  /** What to add to the host when nobody provides the service, for example `add ipv4()`. */
  readonly remedy: string;
  /** Never present: carries the type alone. */
  readonly type?: T;
}

/**
 * Declares a service. The convention is one name for the interface and its token:
 *
 * ```ts
 * export interface InetProtocols { add(protocol: number, handler: NetProtocol): Undo }
 * export const InetProtocols = token<InetProtocols>('InetProtocols', 'add ipv4()');
 * ```
 */
export function token<T>(name: string, remedy: string): Token<T> {
  return { id: Symbol(name), name, remedy };
}
