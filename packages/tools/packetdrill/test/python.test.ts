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
])('%s', async (code) => {
  expect((await run(code)).failure).toBeNull();
});

test.each([
  ['assert tcpi_snd_cwnd == 11, 7', 'expected tcpi_snd_cwnd == 11, saw tcpi_snd_cwnd = 10'],
  ['assert tcpi_no_such == 1', 'the stack does not count tcpi_no_such'],
  ['assert none', 'there is no none'],
  ['import os', "'import' is not supported"],
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
