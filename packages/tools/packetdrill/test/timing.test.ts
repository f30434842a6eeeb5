import { expect, test } from 'vitest';
import { runScript } from '../src/index.ts';
import { NEXT_LINE, SERVER } from './server.ts';

async function problem(script: string, options: Record<string, string> = {}): Promise<string | null> {
  const { failure } = await runScript(script, { options });
  return failure === null ? null : `${failure.line}: ${failure.message}`;
}

const WRITE = `${SERVER}+0 write(4, ..., 100) = 100\n`;
const SEGMENT = '> P. 1:101(100) ack 1\n';

test('a packet may be four milliseconds off, or what --tolerance_usecs says', async () => {
  expect(await problem(`${WRITE}+.004 ${SEGMENT}`)).toBeNull();
  expect(await problem(`${WRITE}+.005 ${SEGMENT}`)).toContain(
    'time: expected 0.105000 (within 0.004000), saw 0.100000',
  );
  expect(await problem(`${WRITE}+.005 ${SEGMENT}`, { tolerance_usecs: '6000' })).toBeNull();
});

test('or an eighth of the time since the event before', async () => {
  const timeout = (time: string) => `${WRITE}+0 ${SEGMENT}${time} ${SEGMENT}`;
  expect(await problem(timeout('+.35'))).toBeNull();
  expect(await problem(timeout('+.36'))).toContain('time');
});

test('relative times count from the end of the event before; absolute ones from the beginning', async () => {
  expect(await problem(`${WRITE}+0 ${SEGMENT}+.3~+.31 ${SEGMENT}+.05 close(3) = 0\n.46 close(4) = 0`)).toBeNull();
  expect(await problem(`${WRITE}.05 ${SEGMENT}`)).toContain('before that of the event');
});

test('packets that come in one after another count from the time of the one before', async () => {
  const data = '+0 < P. 1:101(100) ack 1 win 257\n';
  expect(await problem(`${SERVER}${data}+0 > . 1:1(0) ack 101`)).toBeNull();
});

test('a packet of the past is late, even if a line asks for it now', async () => {
  expect(await problem(`${WRITE}+.1 read(3, ..., 1) = -1 ENOTCONN\n+0 ${SEGMENT}`)).toContain('saw 0.100000');
});

test('* is any time', async () => {
  const afterAny = (time: string) => `${WRITE}+0 ${SEGMENT}* ${SEGMENT}* ${SEGMENT}* ${SEGMENT}${time} ${SEGMENT}`;
  expect(await problem(afterAny('*'))).toBeNull();
  expect(await problem(afterAny('+1.2'))).toBeNull();
  expect(await problem(afterAny('+1.5'))).toContain('time');
});

test('the first event is at time 0', async () => {
  expect(await problem('+1 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3')).toContain('time 0');
});

test('no packet at all', async () => {
  expect(await problem(`${SERVER}+0 ${SEGMENT}`)).toContain(`${NEXT_LINE}: expected a packet, none was sent until 2.1`);
});

test('a blocking call returns when it should, and may not block without a time', async () => {
  const late = `${SERVER}+0...0.1 read(4, ..., 100) = 100\n+.2 < P. 1:101(100) ack 1 win 257\n+0 > . 1:1(0) ack 101`;
  expect(await problem(late)).toContain('was to return at 0.200000, it did at 0.300000');
  expect(await problem(`${SERVER}+0 read(4, ..., 100) = 100`)).toContain('the call blocks');
  expect(await problem(`${SERVER}+0...0.1 read(4, ..., 100) = 100\n+.2 close(3) = 0`)).toContain('it still blocks');
  expect(await problem(`${SERVER}+0...0.1 read(4, ..., 100) = 100`)).toContain('it still blocks');
});

test('timestamps are compared when a tick has a length', async () => {
  const script = (val: number) => `0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 10>
+1 > S 0:0(0) <mss 1460,sackOK,TS val ${val} ecr 0,nop,wscale 10>`;
  expect(await problem(script(5))).toBeNull();
  expect(await problem(script(1100), { tcp_ts_tick_usecs: '1000' })).toBeNull();
  expect(await problem(script(1400), { tcp_ts_tick_usecs: '1000' })).toContain('TS val: expected 1400, saw 11');
});

test('an echo of what was never sent is a mistake of the script', async () => {
  const script = `0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3
+0 connect(3, ..., ...) = -1 EINPROGRESS
+0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 10>
+0 < S. 0:0(0) ack 1 win 5840 <mss 1000,sackOK,TS val 1 ecr 99,nop,wscale 7>`;
  expect(await problem(script)).toContain('4: ecr 99');
});
