import { expect, test } from 'vitest';
import { options } from '../src/index.ts';

test('without options: 256 MB, text, a capture in the current directory', () => {
  expect(options([])).toEqual({ bytes: 268_435_456, seed: 7, json: false, capture: 'stack.pcapng' });
});

test('every option is heard', () => {
  const args = ['--bytes', '1000', '--seed', '0', '--capture', 'x.pcapng', '--json'];
  expect(options(args)).toEqual({ bytes: 1000, seed: 0, json: true, capture: 'x.pcapng' });
});

for (const args of [
  ['--bytes', '0'],
  ['--bytes', '1.5'],
  ['--bytes', 'many'],
  ['--bytes='],
  ['--seed=-1'],
  ['--loud'],
  ['word'],
]) {
  test(`${args.join(' ')} is refused`, () => {
    expect(() => options(args)).toThrow();
  });
}
