import type { Plugin } from '@stack/plugin';
import { Skbs } from '@stack/skb';
import { expect, test } from 'vitest';
import { runScript } from '../src/index.ts';
import { SERVER } from './server.ts';

test.each([
  ['--ip_version=ipv6\n0 close(3) = 0', 1, 'no IPv6'],
  ['--local_ip=fd00::1\n0 close(3) = 0', 1, 'no IPv6'],
  ['--no_such_option=1\n0 close(3) = 0', 1, 'there is no option --no_such_option'],
  ['--mtu=large\n0 close(3) = 0', 1, "'large' is no number"],
  ['0 socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 3', 1, 'no IPv6'],
  [`${SERVER}+0 cap_set(4) = 5`, 8, 'the system call cap_set is not supported'],
  [`${SERVER}+0 setsockopt(4, SOL_SOCKET, SO_NO_SUCH, [1], 4) = 0`, 8, 'the name SO_NO_SUCH is not known'],
  [
    `${SERVER}+0 sendmsg(4, {msg_iov(1)=[{..., 5}], msg_control=[{cmsg_level=1}]}, 0) = 5`,
    8,
    'ancillary data need a cmsg_type',
  ],
  [
    `${SERVER}+0 sendmsg(4, {msg_iov(1)=[{..., 5}], msg_control=[{cmsg_level=1, cmsg_type=2, cmsg_data=3}]}, 0) = 5`,
    8,
    'ancillary data of level 1 and type 2',
  ],
  [`${SERVER}+0 getsockopt(4, SOL_TCP, TCP_MAXSEG, [7], [4]) = 0`, 8, 'expected the value 7, saw 1000'],
  [`${SERVER}+0 < . 1:1(0) ack 1 win 9 <sackOK,nop>`, 8, 'the options need 1 more bytes of padding'],
  [`${SERVER}+0 < . 1:1(0) ack 1 win 65536`, 8, 'win 65536 does not fit into 16 bits'],
  [`${SERVER}+0 < . 1:1(0) ack 1 win 1 <wscale 256,nop>`, 8, 'wscale 256 does not fit'],
  [`${SERVER}+0 < . 1:1(0) ack 1 win 1 <speed 1>`, 8, "there is no TCP option 'speed'"],
  [`${SERVER}+0 < [ect2] . 1:1(0) ack 1 win 1`, 8, "there is no annotation 'ect2'"],
  [`${SERVER}+0 < . 1:70001(70000) ack 1 win 1`, 8, 'a packet has 65535 bytes at most'],
  [`${SERVER}+0 < . 1:1(0) ack 1 win 1 <${'nop,'.repeat(44)}>`, 8, 'a header has room for 40'],
  [`${SERVER}+0 write(4, NULL, 5) = 5`, 8, 'expected 5, the call returned -1 EFAULT'],
])('%j fails in line %i', async (script, line, message) => {
  const { failure } = await runScript(script);
  expect(failure).toMatchObject({ line, message: expect.stringContaining(message) });
});

test('options of the caller are stronger than those of the script', async () => {
  const { ok } = await runScript('--mtu=large\n0 `true`', { options: { mtu: '1000' } });
  expect(ok).toBe(true);
});

test('a leak of packet memory fails a script that is checked', async () => {
  const leaky: Plugin = {
    name: 'leaky',
    attach(services) {
      services.get(Skbs).alloc(100);
      return () => {};
    },
  };
  expect((await runScript(SERVER, { plugins: [leaky] })).ok).toBe(true);
  const { failure } = await runScript(SERVER, { checking: true, plugins: [leaky] });
  expect(failure?.message).toContain('ERR_STACK_LEAK');
});
