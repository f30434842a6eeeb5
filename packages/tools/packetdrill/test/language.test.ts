import { expect, test } from 'vitest';
import { parseScript, ScriptError, Unsupported, type Packet } from '../src/index.ts';

const first = (text: string) => parseScript(text).events[0];

function packet(text: string): Packet {
  const { action } = first(`0 ${text}`);
  if (action.kind !== 'packet') throw new Error('no packet');
  return action;
}

function problem(text: string): ScriptError {
  try {
    parseScript(text);
  } catch (error) {
    if (error instanceof ScriptError) return error;
    throw error;
  }
  throw new Error('the script was understood');
}

test('times: absolute, relative, ranges, any', () => {
  expect(first('0 > . 1:1(0) ack 1').time).toEqual({ base: 'start', from: 0, to: null });
  expect(first('.25 > . 1:1(0) ack 1').time).toEqual({ base: 'start', from: 250_000, to: null });
  expect(first('+1.5 > . 1:1(0) ack 1').time).toEqual({ base: 'previous', from: 1_500_000, to: null });
  expect(first('1~2 > . 1:1(0) ack 1').time).toEqual({ base: 'start', from: 1_000_000, to: 2_000_000 });
  expect(first('+.1~+.2 > . 1:1(0) ack 1').time).toEqual({ base: 'previous', from: 100_000, to: 200_000 });
  expect(first('* > . 1:1(0) ack 1').time).toEqual({ base: 'any', from: 0, to: null });
  expect(first('+0...0.1 accept(3, ..., ...) = 4').action).toMatchObject({ name: 'accept', end: 100_000 });
});

test('options, init and cleanup commands, code, comments', () => {
  const script = parseScript(`// first
--tolerance_usecs=10000
--ip_version=ipv4 /* and */
\`sysctl -q a=1
 b=2\`
0 \`true\`
+0 %{ assert 1
assert 2 }%
\`false\``);
  expect(script.options.map(({ name, value }) => [name, value])).toEqual([
    ['tolerance_usecs', '10000'],
    ['ip_version', 'ipv4'],
  ]);
  expect(script.init).toMatchObject({ text: 'sysctl -q a=1\n b=2', line: 4 });
  expect(script.cleanup).toMatchObject({ text: 'false', line: 9 });
  expect(script.events.map(({ line, action }) => [line, action.kind])).toEqual([
    [6, 'command'],
    [7, 'code'],
  ]);
});

test('TCP packets', () => {
  const { inbound, ip, body } = packet('< [ect0] SEWA 1:1001(1000) ack 5 win 10 urg 3');
  expect(inbound).toBe(true);
  expect(ip).toEqual({ tos: null, ecn: 2, ttl: null });
  expect(body).toMatchObject({
    flags: 0x1c2,
    seq: 1,
    length: 1000,
    ack: 5,
    window: 10,
    urgent: 3,
    options: [],
  });
});

test.each([
  ['S.', 0x12],
  ['FP.', 0x19],
  ['.', 0x10],
  ['-', 0],
  ['R', 0x04],
  ['P.5', 0x18 | 0x140],
])('flags %s', (letters, flags) => {
  const ack = letters.includes('.') ? ' ack 1' : '';
  expect(packet(`> ${letters} 1:1(0)${ack}`).body).toMatchObject({ flags });
});

test('annotations, ports, any options', () => {
  expect(packet('> [tos 0x28, ttl 5] . 1:1(0) ack 1').ip).toEqual({ tos: 0x28, ecn: null, ttl: 5 });
  expect(packet('> (tos 0x28) [ttl 5] . 1:1(0) ack 1').ip).toEqual({ tos: 0x28, ecn: null, ttl: 5 });
  expect(packet('> [ect01] . 1:1(0) ack 1').ip.ecn).toBe('ect01');
  expect(packet('> 8080 > 1001 . 1:1(0) ack 1').body).toMatchObject({ ports: { source: 8080, destination: 1001 } });
  expect(packet('> . 1:1(0) ack 1 <...>').body).toMatchObject({ options: null });
});

test('every option of TCP', () => {
  const { body } = packet(
    '> . 1:1(0) ack 1 <mss 1460,nop,wscale 8, sackOK,sack 1:2 3:4,TS val 1 ecr 2,FO 0123,exp-FO ab,md5 00ff,md5 valid,option 77 0a,exp 0x1234 01,eol,ECN e1b 1 ceb 2>',
  );
  expect(body.protocol === 'tcp' && body.options?.map(({ kind }) => kind)).toEqual([
    'mss', 'nop', 'wscale', 'sackOK', 'sack', 'TS', 'FO', 'exp-FO', 'md5', 'md5', 'unknown', 'exp', 'eol', 'ECN',
  ]); // prettier-ignore
  expect(body).toMatchObject({
    options: expect.arrayContaining([
      { kind: 'sack', blocks: [[1, 2], [3, 4]] },
      { kind: 'FO', bytes: Uint8Array.of(1, 0x23) },
      { kind: 'ECN', order: 1, counters: [1, 2] },
    ]),
  }); // prettier-ignore
});

test('UDP and ICMP', () => {
  expect(packet('> udp (100)').body).toEqual({ protocol: 'udp', ports: null, length: 100 });
  expect(packet('< icmp unreachable frag_needed mtu 1200 [1:1461(1460)]').body).toEqual({
    protocol: 'icmp',
    type: 3,
    code: 4,
    mtu: 1200,
    about: { protocol: 'tcp', seq: 1, length: 1460 },
  });
});

test('calls: structures, lists, names, notes', () => {
  const { action } = first(
    '0 poll([{fd=4, events=POLLIN|POLLOUT, revents=0}], 1, -1) = -1 EAGAIN (Resource temporarily unavailable)',
  );
  expect(action).toMatchObject({ name: 'poll', result: -1, errno: 'EAGAIN' });
  expect(first('0 sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 5}]}, 0) = ?').action).toMatchObject({
    result: null,
  });
  expect(first('0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)').action).toMatchObject({ result: 2 });
  expect(first('0 f("a" "b\\n") = 0').action).toMatchObject({ args: [{ kind: 'string', value: 'ab\n' }] });
});

test('symbols of the command line', () => {
  const defines = new Map([
    ['COOKIE', '0123456789abcdef'],
    ['N', '7'],
  ]);
  const script = parseScript('0 > . 1:8(N) ack N <FO COOKIE,nop,nop>', defines);
  expect(script.events[0].action).toMatchObject({
    body: {
      length: 7,
      ack: 7,
      options: [{ bytes: Uint8Array.of(1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef) }, {}, {}],
    },
  });
});

test.each([
  ['0 > . 1:2(0) ack 1', 1, '1:2 is not 0 bytes long'],
  ['0 > . 1:1(0) ack 1\n+0 < . 1:1(0) ack 1', 2, 'win N'],
  ['0 < S 0:0(0) win 1 <...>', 1, 'options'],
  ['\n0 > X. 0:0(0)', 2, 'flags'],
  ['0 close(3)', 1, "expected '='"],
  ['+0...1 > . 1:1(0) ack 1', 1, 'takes time'],
  ['* close(3) = 0', 1, '* is for packets that go out'],
  ['0~1 close(3) = 0', 1, 'a range of times'],
  ['0 > . 1:1(0) ack 1 <mss 10,foo>', 1, 'foo'],
  ['0 # close(3) = 0', 1, "'#'"],
  ['', 1, 'no events'],
])('%j is wrong in line %i', (text, line, message) => {
  const error = problem(text);
  expect(error.line).toBe(line);
  expect(error.message).toContain(message);
});

test.each([
  'ipv6 ::1 > ::2: . 1:1(0) win 1',
  'gre: . 1:1(0) win 1',
  'icmpv6 1',
  '(flowlabel 1) . 1:1(0) win 1',
  '. 1:1(0) win 1 <mp_capable>',
])('< %s is refused by line', (text) => {
  const error = problem(`0 > . 1:1(0) ack 1\n0 < ${text}`);
  expect(error).toBeInstanceOf(Unsupported);
  expect(error.line).toBe(2);
});
