import { expect, test } from 'vitest';
import { runScript } from '../src/index.ts';

async function problem(command: string): Promise<string | null> {
  const { failure } = await runScript(`0 \`${command}\``);
  return failure === null ? null : `${failure.unsupported ? 'unsupported: ' : ''}${failure.message}`;
}

test.each([
  'sysctl -q net.ipv4.tcp_sack=0 && sysctl -n net.ipv4.tcp_sack | grep -q 0',
  'sysctl -q net.ipv4.tcp_rmem="4096 5000 6000"; cat /proc/sys/net/ipv4/tcp_rmem | grep 5000',
  'sysctl net/ipv4/tcp_syn_retries=$((2 * 3 - 1)) \\\n net.core.somaxconn=0x10; sysctl -n net.core.somaxconn | grep "^16$"',
  'false || true',
  'true; true && echo a | grep -c a > /dev/null 2>&1',
  'tc qdisc replace dev tun0 root pfifo limit 10; tc qdisc del dev tun0 root',
  'ip tcp_metrics flush all; ip route change 192.0.2.1 via 192.168.0.1 dev tun0 mtu 1400 advmss 1200',
  './defaults.sh\nsysctl -n net.ipv4.tcp_early_retrans | grep 4',
  './set_sysctls.py /proc/sys/net/ipv4/tcp_sack=0; sh /tmp/sysctl_restore_${PPID}.sh; sysctl -n net.ipv4.tcp_sack | grep 1',
  'nstat -n; nstat | grep TcpActiveOpens || true',
  'ip link set dev tun0 mtu 1400',
  '[ 2 -gt 1 ] # and a comment',
  'echo 0 > /proc/sys/net/ipv4/tcp_sack; grep 0 /proc/sys/net/ipv4/tcp_sack',
])('%s works', async (command) => {
  expect(await problem(command)).toBeNull();
});

test.each([
  ['false', 'status 1'],
  ['true && false', 'status 1'],
  ['echo a | grep b', 'nothing matches'],
  ['sysctl net.ipv4.tcp_sack=yes', 'cannot be'],
  ['ip route change 10.9.9.9 dev tun0', 'No such file'],
  ['sysctl net.ipv4.no_such_thing=1; true', 'unsupported: the stack has no sysctl net.ipv4.no_such_thing'],
  ['tc qdisc add dev tun0 root choke', 'unsupported: tc: there is no qdisc choke'],
  [
    'ip route change 192.0.2.1 dev tun0 hoplimit 7',
    "unsupported: routes of the stack (to 192.0.2.1) have no 'hoplimit 7'",
  ],
  ['ethtool -K tun0 ntuple on', 'unsupported: ethtool: devices have no feature ntuple'],
  ['cat /proc/net/tcp', 'unsupported: the host has no file /proc/net/tcp'],
  ['iptables -F', 'unsupported: the program iptables is not supported'],
  ['echo $(date)', "unsupported: '$(' is not supported"],
])('%s fails', async (command, message) => {
  expect(await problem(command)).toContain(message);
});

test('init runs before time 0, cleanup even after a failure', async () => {
  const script = (cleanup: string) => `\`sysctl -q net.ipv4.tcp_sack=0\`
0 \`sysctl -n net.ipv4.tcp_sack | grep 0\`
\`${cleanup}\``;
  expect((await runScript(script('true'))).failure).toBeNull();
  expect((await runScript(script('false'))).failure).toMatchObject({ line: 3 });
  const both = await runScript('0 `false`\n`iptables`');
  expect(both.failure).toMatchObject({ line: 1 });
});
