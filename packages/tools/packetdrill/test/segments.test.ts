import { expect, test } from 'vitest';
import { runScript } from '../src/index.ts';
import { SERVER } from './server.ts';

async function problem(lines: string, options: Record<string, string> = {}): Promise<string | null> {
  const { failure } = await runScript(SERVER + lines, { options });
  return failure === null ? null : failure.message;
}

const NO_TSO = '+0 `ethtool -K tun0 tso off gso off`\n';

test('one line may stand for several segments', async () => {
  expect(await problem(`${NO_TSO}+0 write(4, ..., 3500) = 3500\n+0 > P. 1:3501(3500) ack 1`)).toBeNull();
});

test('not with --strict_segments', async () => {
  const lines = `${NO_TSO}+0 write(4, ..., 3500) = 3500\n+0 > P. 1:3501(3500) ack 1`;
  expect(await problem(lines, { strict_segments: '' })).toContain('length: expected 3500, saw 1000');
});

test('a packet larger than the line fails', async () => {
  expect(await problem('+0 write(4, ..., 2000) = 2000\n+0 > . 1:1001(1000) ack 1')).toContain(
    'expected 1000, saw 2000',
  );
});

test('segments of one line are equally long but for the last', async () => {
  const lines = `+0 setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0
+0 write(4, ..., 100) = 100
+0 write(4, ..., 200) = 200
+0 write(4, ..., 100) = 100
+0 > P. 1:401(400) ack 1`;
  expect(await problem(lines)).toContain('lengths that change');
});

test('--mss makes one packet of many segments come in', async () => {
  const lines = `+.1 < P. 1:10001(10000) ack 1 win 257
* > . 1:1(0) ack 10001
+0 %{ assert tcpi_data_segs_in == 10 }%`;
  expect(await problem(lines, { mss: '1000' })).toBeNull();
});

test('packets that a line did not ask for are in the report', async () => {
  const { failure } = await runScript(`${SERVER}+0 write(4, ..., 100) = 100\n+0 > . 1:1(0) ack 1`);
  expect(failure).toMatchObject({ text: '+0 > . 1:1(0) ack 1' });
  expect(failure!.message).toContain('flags: expected ., saw P.');
  expect(failure!.packets.at(-1)).toContain('> P. 1:101(100) ack 1');
});
