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
  'for i in 1 2 3; do echo -n $i; done | grep ^123$',
  'i=0; while [ $i -lt 5 ]; do i=$((i + 1)); if [ $i = 3 ]; then break; fi; done; test $i -eq 3',
  'if false; then exit 1; elif test -z ""; then exit 0; else exit 2; fi; false',
  'f() { test "$1" = a -a $# -eq 2; }; f a "b c"',
  'x=$(sysctl -n net.ipv4.tcp_rto_min_us); [ "$x" = 200000 ]',
  '(echo a; echo b) | { grep b; } && ! grep -q c < /dev/null',
  'set -- ; A=${B:-7}; [ ${A} -eq 7 ] && [[ ${#A} == 1 ]]',
  'yes | head -c 100 > /tmp/data; wc -c < /tmp/data | grep 100; dd if=/dev/zero of=/tmp/d bs=1k count=3; [ -f /tmp/d ]',
  'truncate -s 10 /tmp/a; cat /tmp/a | wc -c | grep ^10; rm -f /tmp/a; [ ! -f /tmp/a ]',
  "nstat -n; nstat -az TcpExtTCPTimeouts | awk '/TCPTimeouts/ {print $2}' | grep ^0",
  'echo 0 > /sys/module/tcp_cubic/parameters/hystart_detect; grep 0 /sys/module/tcp_cubic/parameters/hystart_detect',
  'sysctl -e -q net.ipv4.no_such_thing=1 -w net.ipv4.tcp_fastopen=0x403; sysctl -n net.ipv4.tcp_fastopen | grep ^1027$',
  'tc qdisc replace dev tun0 root fq flow_limit 50 quantum 3000 nopacing; tc qdisc replace dev tun0 root fq_codel',
  'ip route change 192.0.2.1 dev tun0 mtu lock 1400 initcwnd 4 initrwnd 2 rto_min 5ms quickack 1 congctl reno features ecn window 9000',
  'ip tcp_metrics show; ip tcp_metrics flush all; modprobe tcp_bbr; sleep 1.5',
  'for n in $(seq 2 2 6); do printf "%s-" $n; done | grep ^2-4-6-$',
  "eval 'true && echo a' | grep -x a",
  'case abc in x|a*) true;; *) false;; esac && case d in a) ;; esac',
  'x=$(cat <<EOF | grep world\nhello\nbig $((1 + 1)) world\nEOF\n); [ "$x" = "big 2 world" ]',
  "cat <<'EOF' | grep -F '$x'\n$x\nEOF",
  'i=0; until (( i >= 3 )); do (( i++ )); done; (( i == 3 ? 1 : 0 )) && let i+=2; [ $i -eq 5 ]',
  'for ((i = 0; i < 3; i++)); do echo $i; done | wc -l | grep 3; for n in {1..3}; do printf $n; done | grep -x 123',
  '[[ abc == a* && abc =~ ^a.c$ && ! x == y ]]',
  'x=abc; [ ${x#a}${x%c} = bcab ] && [ ${x/b/d} = adc ] && [ ${x:1:1} = b ] && [ ${x^^} = ABC ]',
  'echo 1 2 3 | { read a b; [ "$b" = "2 3" ]; }; read a <<< "4 5"; [ "$a" = "4 5" ]',
  "printf '1 2\n3 4\n' | while read a b; do echo $b; done | tr '\n' , | grep -x 2,4,",
  "echo abc | sed -e 's/a/1/g' -e 's/c$/2/' | grep -x 1b2; echo 'x=12;' | sed -n 's/^x=\\([0-9]*\\);/<\\1>/p' | grep -x '<12>'",
  "echo a:b:c | cut -d: -f2- | tr a-z A-Z | grep -x B:C; printf 'b\na\na\n' | sort | uniq -c | grep '2 a'",
  "printf 'x 10\nx 9\n' | sort -n -k2 | head -1 | grep 9; echo 1 | tee /proc/sys/net/ipv4/tcp_sack | grep 1",
  "grep -E 'a|b' <<< b && ! grep -q 'a|b' <<< b; egrep -c '^(a)$' <<< a; expr 1 + 2 | grep 3; basename /a/b.c .c | grep -x b",
  'test -f /proc/net/tcp && grep -q local_address /proc/net/tcp && grep -q ^TcpExt: /proc/net/netstat && grep ^Tcp: /proc/net/snmp',
  'ip route get 192.0.2.1 | grep "dev tun0"; ip route show 192.0.2.1 | grep tun0; ip link set tun0 up',
  'tc qdisc replace dev tun0 root fq; tc -s qdisc show dev tun0 | grep "qdisc fq"; ethtool -k tun0 | grep tcp-seg.*on',
  "printf 'a 1\\nb 2\\n' | awk '{ s += $2; if (NR > 1) x = $1; else y = \"\" } END { print s, x }' | grep -x '3 b'",
  "echo a=5 | awk -F= '$2 > 3 && /a/ { printf \"%d-%s\", $NF, substr($1, 1) }' | grep -x 5-a; awk 'BEGIN { exit 3 }' || [ $? = 3 ]",
  'uname -r | grep ^6; id -u | grep -x 0; timeout 1 true; command true; echo a | xargs echo | grep a; ss -tan | grep State',
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
  ['cat /proc/net/dev', 'unsupported: the host has no file /proc/net/dev'],
  ['cat <<EOF\nabc', 'EOF is missing'],
  ['sed y/a/b/', "unsupported: sed 'y/a/b/' is not supported"],
  ['(( 1 - 1 ))', 'it is 0'],
  ['iptables -F', 'unsupported: the program iptables is not supported'],
  ['echo $(whoami)', 'unsupported: the program whoami is not supported'],
  ['if true; then false; fi', 'status 1'],
  ['set -e; false; true', 'status 1'],
  ['f() { return 3; }; f', 'status 3'],
  ['! true', 'status 1'],
  ['if true', "expected 'then'"],
  ['while true; do :; done', 'unsupported: the loop does not end'],
  ['ip route change 192.0.2.1 dev tun0 rto_min soon', "unsupported: 'soon' is no time"],
  ['sysctl net.ipv4.tcp_ecn=9', 'cannot be'],
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
