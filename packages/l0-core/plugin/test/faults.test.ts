import { expect, test } from 'vitest';
import { Container, Faults, token, type Part, type PluginFault } from '../src/index.ts';

/** A host with a plugin that registers a part. */
function hostWith(plugin: string): { host: Container; part: Part } {
  const host = new Container('alice');
  let part: Part | undefined;
  host.use([
    {
      name: plugin,
      attach: (services) => {
        part = services.get(Faults).part('hook mine');
      },
    },
  ]);
  return { host, part: part! };
}

test('a part names the plugin that attached it, and later the application', () => {
  const { host, part } = hostWith('doorman');
  expect(part).toEqual({ plugin: 'doorman', name: 'hook mine' });
  expect(host.faults.part('hook yours').plugin).toBe('the application');
});

test('a fault is counted by plugin and told to those who listen', () => {
  const { host, part } = hostWith('doorman');
  const told: PluginFault[] = [];
  const error = new Error('no key');
  const undo = host.faults.listen((fault) => told.push(fault));
  host.faults.report(part, error);
  undo();
  host.faults.report(part, error);
  expect(told).toEqual([{ plugin: 'doorman', name: 'hook mine', error }]);
  expect(host.faults.counts.get('doorman')).toBe(2);
  expect(host.faults.total).toBe(2);
});

test('a strict host throws, naming plugin and part, with the cause', () => {
  const { host, part } = hostWith('doorman');
  host.faults.strict = true;
  const cause = new Error('no key');
  expect(() => host.faults.report(part, cause)).toThrow(
    expect.objectContaining({
      code: 'ERR_STACK_PLUGIN_FAULT',
      message: 'hook mine of doorman failed: no key: mend the plugin',
      cause,
    }),
  );
});

test('a service that comes from another copy of a package is told apart from one that nobody brings', () => {
  const { host } = hostWith('doorman');
  host.bind(token<number>('Answer', 'add answer()'), () => 42);
  expect(() => host.get(token<number>('Answer', 'add answer()'))).toThrow(
    expect.objectContaining({ code: 'ERR_STACK_DUPLICATE_PACKAGE' }),
  );
});

test('hosts have faults of their own', () => {
  const [alice, bob] = [hostWith('doorman'), hostWith('doorman')];
  alice.host.faults.report(alice.part, 'x');
  expect(bob.host.faults.total).toBe(0);
  expect(alice.host.get(Faults)).toBe(alice.host.faults);
});
