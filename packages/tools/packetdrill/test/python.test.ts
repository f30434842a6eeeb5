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
  'z = 1; z //= 2; assert (z == 0) == True and sorted([3, 1])[0] == 1 and any([0, 1]) and not all([0, 1])',
])('%s', async (code) => {
  expect((await run(code)).failure).toBeNull();
});

test.each([
  ['assert tcpi_snd_cwnd == 11, 7', 'expected tcpi_snd_cwnd == 11, saw tcpi_snd_cwnd = 10'],
  ['assert tcpi_no_such == 1', 'the stack does not count tcpi_no_such'],
  ['assert none', 'there is no none'],
  ['del x', "'del' is not supported"],
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
