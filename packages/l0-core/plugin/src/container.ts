import 'reflect-metadata';
import { container as root, instanceCachingFactory, type DependencyContainer } from 'tsyringe';
import { StackError } from './errors.ts';
import { APPLICATION, FaultReports, Faults } from './faults.ts';
import type { Plugin, Provider, Services, Undo } from './plugin.ts';
import type { Token } from './token.ts';

interface Attached {
  readonly plugin: Plugin;
  readonly undo: Undo | void;
}

/**
 * The services of one host: the counterpart of `struct net`. Hosts share nothing with each other, except what
 * they are given from outside (clock, randomness, memory).
 */
export class Container implements Services, Provider {
  readonly name: string;
  /** What plugins did wrong while packets flowed; also a service. */
  readonly faults = new FaultReports();
  #inner: DependencyContainer = root.createChildContainer();
  #providers = new Map<symbol, string>();
  #attached: Attached[] = [];
  #making: string[] = [];

  constructor(name: string) {
    this.name = name;
    this.bind(Faults, () => this.faults);
  }

  /**
   * Adds plugins: all provide, then all attach. If one fails, those of this call that had attached are undone, and what
   * this call provided is forgotten.
   */
  use(plugins: readonly Plugin[]): void {
    const attached = this.#attached.length;
    const provided = [...this.#providers];
    try {
      for (const plugin of plugins) this.#as(plugin, () => plugin.provide?.(this));
      for (const plugin of plugins) {
        const undo = this.#as(plugin, () => plugin.attach?.(this));
        this.#attached.push({ plugin, undo });
      }
    } catch (error) {
      this.#undoDownTo(attached);
      this.#providers = new Map(provided);
      throw error;
    }
  }

  bind<T>(token: Token<T>, make: (services: Services) => T): void {
    const owner = this.#providers.get(token.id);
    if (owner !== undefined) {
      throw new StackError(
        'ERR_STACK_SERVICE_TAKEN',
        `${this.faults.acting} provides ${token.name}, but ${owner} provides it already on host ${this.name}`,
        `leave one of the two out`,
      );
    }
    this.#providers.set(token.id, this.faults.acting);
    this.#inner.register<T>(token.id, { useFactory: instanceCachingFactory(() => this.#make(token, make)) });
  }

  get<T>(token: Token<T>): T {
    if (this.#providers.has(token.id)) return this.#inner.resolve<T>(token.id);
    const asker = this.#making.at(-1) ?? this.faults.acting;
    if ([...this.#providers.keys()].some((id) => id.description === token.name)) {
      throw new StackError(
        'ERR_STACK_DUPLICATE_PACKAGE',
        `${asker} needs ${token.name} on host ${this.name}, which has it from another copy of the same package`,
        'have each @stack package once: look with npm ls, and make it a peerDependency of your plugin',
      );
    }
    throw new StackError(
      'ERR_STACK_MISSING_SERVICE',
      `${asker} needs ${token.name} on host ${this.name}`,
      token.remedy,
    );
  }

  find<T>(token: Token<T>): T | undefined {
    return this.#providers.has(token.id) ? this.get(token) : undefined;
  }

  /** Names of the plugins in use, in the order of attachment. */
  get plugins(): string[] {
    return this.#attached.map(({ plugin }) => plugin.name);
  }

  /** Undoes every attachment, the last first, and forgets all services. */
  close(): void {
    this.#undoDownTo(0);
    this.#inner.clearInstances();
    this.#providers.clear();
    this.bind(Faults, () => this.faults);
  }

  #as<T>(plugin: Plugin, act: () => T): T {
    this.faults.acting = plugin.name;
    try {
      return act();
    } finally {
      this.faults.acting = APPLICATION;
    }
  }

  #make<T>(token: Token<T>, make: (services: Services) => T): T {
    if (this.#making.includes(token.name)) {
      const circle = [...this.#making, token.name].join(' -> ');
      throw new StackError(
        'ERR_STACK_CIRCULAR',
        `services need each other: ${circle}`,
        'look one of them up in attach',
      );
    }
    this.#making.push(token.name);
    try {
      return make(this);
    } finally {
      this.#making.pop();
    }
  }

  #undoDownTo(length: number): void {
    while (this.#attached.length > length) this.#attached.pop()?.undo?.();
  }
}
