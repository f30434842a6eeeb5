import type { Token } from './token.ts';

/** Takes back what an `attach` or a registration did. Calling it twice is harmless. */
export type Undo = () => void;

/** Where services are looked up. Only for wiring: nothing is resolved per packet. */
export interface Services {
  /** The service, made on first use. Throws `ERR_STACK_MISSING_SERVICE` with the remedy if nobody provides it. */
  get<T>(token: Token<T>): T;
  /** The service, or `undefined` if nobody provides it. */
  find<T>(token: Token<T>): T | undefined;
}

/** Where a plugin says which services it brings. */
export interface Provider {
  /** Each service has one provider per host; a second one throws `ERR_STACK_SERVICE_TAKEN`. */
  bind<T>(token: Token<T>, make: (services: Services) => T): void;
}

/**
 * A part of a host. All plugins provide first, then all attach, so their order in the list does not matter.
 * A plain object is enough: no class, no decorator.
 */
export interface Plugin {
  readonly name: string;
  /** Phase one: which services exist. Nothing may be looked up yet. */
  provide?(provider: Provider): void;
  /** Phase two: hook into the registries of lower floors. What it returns undoes it when the host closes. */
  attach?(services: Services): Undo | void;
}
