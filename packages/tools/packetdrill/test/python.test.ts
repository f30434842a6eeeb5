import { expect, test } from 'vitest';
import { runScript } from '../src/index.ts';
import { NEXT_LINE, SERVER } from './server.ts';

const run = (code: string) => runScript(`${SERVER}+0 %{ ${code} }%`);

test.each([
  'assert tcpi_snd_cwnd == 10, tcpi_snd_cwnd',
  "assert tcpi_snd_cwnd == 10, 'cwnd=%d, not 10' % tcpi_snd_cwnd",
  'assert 9 < tcpi_snd_cwnd <= 10 and not tcpi_unacked',
  'assert (tcpi_options & TCPI_OPT_SACK) != 0; assert tcpi_ca_state == TCP_CA_Open',
  'cwnd = 9; cwnd += 1 # one more\nassert cwnd == tcpi_snd_cwnd',
  'assert tcpi_snd_cwnd == \\\n 10',
  'assert 7 // 2 == 3 and -7 // 2 == -4 and 0x10 | 1 == 17 and 1 << 33 > 0xffffffff',
  'assert max(1, 2) - abs(-1) == 1 or False',
  'assert SK_MEMINFO_RCVBUF > 0',
  'import sys; x = [1, 2]; x.append(3); assert len(x) == 3 and x[-1] == 3 and 2 in x and 4 not in x',
  'sum_ = 0\nfor i in range(4):\n  if i == 2: continue\n  sum_ += i\nassert sum_ == 4',
  'def twice(a):\n  if a > 1:\n    return 2 * a\n  else:\n    return 0\nassert twice(2) == 4 and twice(1) == 0',
  'i = 0\nwhile True:\n  i += 1\n  if i > 5: break\nassert i == 6',
  "a, b = 1, (2, 3); assert b == (2, 3) and 'x=%d y=%s' % (a, 'z') == 'x=1 y=z'",
  "assert f'{tcpi_snd_cwnd:4d}|{1 + 1}' == '  10|2' and '{} {:.1f}'.format(1, 2.55) == '1 2.5'",
  'y = 5 if tcpi_snd_cwnd is not None else 6; assert y == 5 and 2 ** 3 == 8 and sum([1, 2]) == 3',
  "d = {'a': 1}; d['b'] = 2; d['a'] += 5; assert d['a'] == 6 and 'b' in d and d.get('c', 7) == 7 and len(d.items()) == 2",
  "assert {k: v for k, v in zip('ab', [1, 2])}['b'] == 2 and {1, 2, 3} & {2, 3} == set([3, 2])",
  'x = [i * i for i in range(5) if i % 2 == 0]; assert x == [0, 4, 16] and any(i > 9 for i in x)',
  "a = [1, 2, 3, 4]; assert a[1:3] == [2, 3] and a[::-1][0] == 4 and a[-2:] == [3, 4] and 'hello'[1:3] == 'el'",
  'try:\n  assert 1 == 2\nexcept AssertionError as e:\n  caught = 1\nfinally:\n  last = 1\nassert caught == 1 and last == 1',
  'f = lambda a, b: a + b; assert f(1, 2) == 3 and max([1, 5], key=lambda v: -v) == 1',
  'import math as m\nfrom math import floor\nassert m.sqrt(4) == 2 and floor(2.5) == 2',
  'def near(a, b=10, tol=1):\n  return abs(a - b) <= tol\nassert near(tcpi_snd_cwnd) and near(5, b=5) and not near(1)',
  'for i, x in enumerate([5, 6]):\n  assert x == 5 + i\nelse:\n  z = 1\nassert z == 1',
  'x = y = 3; del x; a, b = 1, 2; a, b = b, a; assert y == 3 and (a, b) == (2, 1) and not (False and 1 / 0)',
  'assert f\'{tcpi_snd_cwnd:>4}|{"x"!r}|{tcpi_snd_cwnd=}\' == "  10|\'x\'|tcpi_snd_cwnd=10"',
  "assert '{0} {name:>3}'.format(1, name='z') == '1   z' and '%(a)02d' % {'a': 3} == '03'",
  "assert 'a,b'.split(',') == ['a', 'b'] and ' x '.strip().upper() == 'X' and int('0x1f', 16) == 31",
  'def f(a, *b, c=3, **d):\n  return a + sum(b) + c + len(d)\nassert f(1) == 4 and f(1, 2, 3, c=0, e=1, f=2) == 8',
  'class A:\n  n = 1\n  def f(self): return self.n\nclass B(A): pass\nb = B(); b.n += 2\nassert b.f() == 3 and A().f() == 1',
  'a, *b, c = range(5); assert b == [1, 2, 3] and c == 4 and isinstance(b, (int, list)) and a <> c',
  'n = 0\ndef f():\n  global n\n  n += 1\nf(); f()\nassert n == 2',
  'def f(n):\n  while n > 0:\n    yield n\n    n -= 1\nassert list(f(3)) == [3, 2, 1] and (lambda x, y=2: x * y)(4) == 8',
  'z = 1; z //= 2; assert (z == 0) == True and sorted([3, 1])[0] == 1 and any([0, 1]) and not all([0, 1])',
])('%s', async (code) => {
  expect((await run(code)).failure).toBeNull();
});

test.each([
  ['assert tcpi_snd_cwnd == 11, 7', 'expected tcpi_snd_cwnd == 11, saw tcpi_snd_cwnd = 10'],
  ['assert tcpi_no_such == 1', 'the stack does not count tcpi_no_such'],
  ['assert none', 'there is no none'],
  ['del x', 'there is no x'],
  ['nonlocal x', "'nonlocal' is not supported"],
  ['import time', 'the module time is not supported'],
  ['raise ValueError("no")', 'no'],
  ["assert {}['a']", 'there is no key a'],
  ['assert [1, 2', "a ']' is missing"],
  ['for x in 3:\n  pass', "'3' is no list"],
  ['if 1', "a ':' is missing"],
  ['while True: pass', 'the loop does not end'],
  ['assert [1, 2][2]', 'there is no item 2'],
  ['assert 1 / 0', 'division by zero'],
  ['assert (1', "a ')' is missing"],
  ['assert 1 1', "'1' is not understood"],
  ['assert §', 'not understood'],
])('%s fails', async (code, message) => {
  const { failure } = await run(code);
  expect(failure).toMatchObject({ line: NEXT_LINE, message: expect.stringContaining(message) });
});

test('the line is that of the statement; variables outlive their block', async () => {
  const script = `${SERVER}+0 %{ one = 1 }%\n+0 %{\nassert one == 1\nassert one == 2\n}%`;
  expect((await runScript(script)).failure).toMatchObject({ line: NEXT_LINE + 3 });
});

test('what is printed comes out', async () => {
  const { output } = await run("print(tcpi_snd_cwnd, 'segments')");
  expect(output).toEqual(['10 segments']);
});

test('code needs a connection', async () => {
  const { failure } = await runScript('0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 %{ assert 1 }%');
  expect(failure).toMatchObject({ line: 2, message: expect.stringContaining('connected or accepted') });
});
