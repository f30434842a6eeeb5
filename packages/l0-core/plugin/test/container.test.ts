import { describe, expect, it } from 'vitest';
import { Container, StackError, token, type Plugin } from '../src/index.ts';

interface Greeter {
  greet(name: string): string;
}
const Greeter = token<Greeter>('Greeter', 'add greeter()');
const Names = token<string[]>('Names', 'add names()');

const greeter = (): Plugin => ({
  name: 'greeter',
  provide: (provider) => provider.bind(Greeter, () => ({ greet: (name) => `hello ${name}` })),
});
const names = (): Plugin => ({ name: 'names', provide: (provider) => provider.bind(Names, () => []) });
/** Adds itself to the registry that another plugin provides. */
const member = (name: string): Plugin => ({
  name,
  attach(services) {
    const list = services.get(Names);
    list.push(name);
    return () => list.splice(list.indexOf(name), 1);
  },
});

function thrownBy(act: () => void): StackError {
  try {
    act();
  } catch (error) {
    if (error instanceof StackError) return error;
  }
  return expect.fail('no StackError was thrown');
}

describe('plugins', () => {
  it.each([
    ['before', [member('tcp'), names()]],
    ['after', [names(), member('tcp')]],
  ])('find each other in any order: user %s provider', (_order, plugins) => {
    const host = new Container('alice');
    host.use(plugins);
    expect(host.get(Names)).toEqual(['tcp']);
    expect(host.plugins).toEqual(plugins.map(({ name }) => name));
  });

  it('may be added later', () => {
    const host = new Container('alice');
    host.use([names()]);
    host.use([member('tcp')]);
    expect(host.get(Names)).toEqual(['tcp']);
  });

  it('share nothing between hosts', () => {
    const [alice, bob] = ['alice', 'bob'].map((name) => new Container(name));
    for (const host of [alice, bob]) host.use([names()]);
    alice.use([member('tcp')]);
    expect(bob.get(Names)).toEqual([]);
  });

  it('need no class, no decorator and no types', () => {
    const host = new Container('alice');
    const inPlainJavaScript = {
      name: 'plain',
      provide: (provider: { bind(token: object, make: () => unknown): void }) => provider.bind(Names, () => ['plain']),
      attach(services: { get(token: object): { push(name: string): void } }) {
        services.get(Names).push('attached');
      },
    };
    host.use([inPlainJavaScript as Plugin]);
    expect(host.get(Names)).toEqual(['plain', 'attached']);
  });

  it('are undone in the opposite order when the host closes', () => {
    const host = new Container('alice');
    const undone: string[] = [];
    const plugin = (name: string): Plugin => ({ name, attach: () => () => undone.push(name) });
    host.use([plugin('first'), { name: 'without' }, plugin('second')]);
    host.use([plugin('third')]);
    host.close();
    host.close();
    expect(undone).toEqual(['third', 'second', 'first']);
    expect(host.plugins).toEqual([]);
  });

  it('that had attached are undone when one of them fails, and those of before are not', () => {
    const host = new Container('alice');
    host.use([names(), member('before')]);
    const broken: Plugin = {
      name: 'broken',
      attach() {
        throw new Error('no such device');
      },
    };
    expect(() => host.use([member('tcp'), broken, member('udp')])).toThrow('no such device');
    expect(host.get(Names)).toEqual(['before']);
    expect(host.plugins).toEqual(['names', 'before']);
  });

  it('that failed can be added again, with what they provide', () => {
    const host = new Container('alice');
    expect(() => host.use([greeter(), member('tcp')])).toThrow('add names()');
    expect(host.find(Greeter)).toBeUndefined();
    host.use([greeter(), names(), member('tcp')]);
    expect(host.get(Names)).toEqual(['tcp']);
  });
});

describe('services', () => {
  it('are made once, on first use', () => {
    let made = 0;
    const host = new Container('alice');
    host.use([{ name: 'counter', provide: (provider) => provider.bind(Names, () => [`${++made}`]) }]);
    expect(made).toBe(0);
    expect(host.get(Names)).toBe(host.get(Names));
    expect(made).toBe(1);
  });

  it('get what they need from others', () => {
    const host = new Container('alice');
    const Letter = token<string>('Letter', 'add letter()');
    const letter: Plugin = {
      name: 'letter',
      provide: (provider) => provider.bind(Letter, (services) => services.get(Greeter).greet('bob')),
    };
    host.use([letter, greeter()]);
    expect(host.get(Letter)).toBe('hello bob');
  });

  it('that are optional may be absent', () => {
    const host = new Container('alice');
    expect(host.find(Greeter)).toBeUndefined();
    host.use([greeter()]);
    expect(host.find(Greeter)?.greet('bob')).toBe('hello bob');
  });

  it('that nobody provides are named with who asked and what to do', () => {
    const host = new Container('alice');
    const error = thrownBy(() => host.use([greeter(), member('tcp')]));
    expect(error).toMatchObject({ name: 'StackError', code: 'ERR_STACK_MISSING_SERVICE', remedy: 'add names()' });
    expect(error.message).toBe('tcp needs Names on host alice: add names()');
  });

  it('name the service that asked, when it was being made', () => {
    const host = new Container('alice');
    const plugin: Plugin = {
      name: 'greeter',
      provide: (provider) => provider.bind(Greeter, (services) => services.get(Names) as never),
    };
    host.use([plugin]);
    expect(thrownBy(() => host.get(Greeter)).message).toBe('Greeter needs Names on host alice: add names()');
    expect(thrownBy(() => host.get(Names)).message).toBe('the application needs Names on host alice: add names()');
  });

  it('have one provider', () => {
    const host = new Container('alice');
    host.use([names()]);
    const error = thrownBy(() => host.use([{ ...names(), name: 'more names' }]));
    expect(error.code).toBe('ERR_STACK_SERVICE_TAKEN');
    expect(error.message).toBe(
      'more names provides Names, but names provides it already on host alice: leave one of the two out',
    );
  });

  it('whose making failed can be made when what they lacked is there', () => {
    const host = new Container('alice');
    const needy: Plugin = {
      name: 'needy',
      provide(provider) {
        provider.bind(Greeter, (services) => {
          const list = services.get(Names);
          return { greet: () => list.join() };
        });
      },
    };
    host.use([needy]);
    expect(thrownBy(() => host.get(Greeter)).code).toBe('ERR_STACK_MISSING_SERVICE');
    host.use([names(), member('tcp')]);
    expect(host.get(Greeter).greet('')).toBe('tcp');
  });

  it('that need each other are refused', () => {
    const host = new Container('alice');
    const circle: Plugin = {
      name: 'circle',
      provide(provider) {
        provider.bind(Names, (services) => [services.get(Greeter).greet('')]);
        provider.bind(Greeter, (services) => {
          const [greeting] = services.get(Names);
          return { greet: () => greeting };
        });
      },
    };
    host.use([circle]);
    const error = thrownBy(() => host.get(Names));
    expect(error.code).toBe('ERR_STACK_CIRCULAR');
    expect(error.message).toContain('Names -> Greeter -> Names');
  });
});

it('a closed host has no services', () => {
  const host = new Container('alice');
  host.use([names()]);
  host.close();
  expect(host.find(Names)).toBeUndefined();
  host.use([names()]);
  expect(host.get(Names)).toEqual([]);
});
