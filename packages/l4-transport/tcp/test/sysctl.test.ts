import { EINVAL, ENOENT } from '@stack/plugin';
import { expect, test } from 'vitest';
import { tcpSysctlNames, tcpSysctlRead, tcpSysctlWrite } from '../src/index.ts';
import { byHand } from './ends.ts';

/** Linux's defaults, where they do not depend on the memory of the host. */
const DEFAULTS: Record<string, string> = {
  tcp_timestamps: '1',
  tcp_window_scaling: '1',
  tcp_sack: '1',
  tcp_dsack: '1',
  tcp_syn_retries: '6',
  tcp_synack_retries: '5',
  tcp_syn_linear_timeouts: '4',
  tcp_syncookies: '1',
  tcp_retries1: '3',
  tcp_retries2: '15',
  tcp_fin_timeout: '60',
  tcp_keepalive_time: '7200',
  tcp_keepalive_intvl: '75',
  tcp_keepalive_probes: '9',
  tcp_tw_reuse: '2',
  tcp_tw_reuse_delay: '1000',
  tcp_fastopen: '1',
  tcp_fastopen_blackhole_timeout_sec: '0',
  tcp_mtu_probing: '0',
  tcp_base_mss: '1024',
  tcp_min_snd_mss: '48',
  tcp_mtu_probe_floor: '48',
  tcp_probe_interval: '600',
  tcp_probe_threshold: '8',
  tcp_early_demux: '1',
  tcp_fwmark_accept: '0',
  tcp_no_metrics_save: '0',
  tcp_no_ssthresh_metrics_save: '1',
  tcp_rto_min_us: '200000',
  tcp_rto_max_ms: '120000',
  tcp_min_rtt_wlen: '300',
  tcp_reordering: '3',
  tcp_max_reordering: '300',
  tcp_early_retrans: '3',
  tcp_recovery: '1',
  tcp_frto: '2',
  tcp_notsent_lowat: '4294967295',
  tcp_comp_sack_nr: '44',
  tcp_comp_sack_delay_ns: '1000000',
  tcp_rmem: '4096\t131072\t33554432',
  tcp_wmem: '4096\t16384\t4194304',
  tcp_available_congestion_control: 'cubic reno',
  tcp_congestion_control: 'cubic',
};

test('names and defaults are Linux\u2019s', () => {
  const { alice } = byHand();
  for (const [name, value] of Object.entries(DEFAULTS)) {
    expect(tcpSysctlNames).toContain(name);
    expect([name, tcpSysctlRead(alice.tcp, name)]).toEqual([name, value]);
  }
  expect(tcpSysctlRead(alice.tcp, 'net.ipv4.tcp_frto')).toBe('2');
  expect(tcpSysctlRead(alice.tcp, 'tcp_nonsense')).toBe(-ENOENT);
});

test('every setting takes back what it shows', () => {
  const { alice } = byHand();
  for (const name of tcpSysctlNames) {
    if (name === 'tcp_available_congestion_control') continue;
    const shown = String(tcpSysctlRead(alice.tcp, name));
    expect([name, tcpSysctlWrite(alice.tcp, `net.ipv4.${name}`, `${shown}\n`)]).toEqual([name, 0]);
    expect(tcpSysctlRead(alice.tcp, name)).toBe(shown);
  }
});

test('what is out of bounds changes nothing', () => {
  const { alice } = byHand();
  const refused = {
    tcp_syn_retries: ['0', '128', '-1', '', 'x', '1.5', '1 2', '0x3'],
    tcp_tw_reuse: ['3', '-1'],
    tcp_early_retrans: ['5'],
    tcp_retries2: ['256'],
    tcp_min_tso_segs: ['0'],
    tcp_rto_max_ms: ['999', '120001'],
    tcp_rto_min_us: ['0'],
    tcp_min_snd_mss: ['47', '65536'],
    tcp_rmem: ['0 1 2', '1 2 3 4', '1 two'],
    tcp_min_rtt_wlen: ['86401'],
    tcp_fastopen_key: ['1-2-3'],
    tcp_available_congestion_control: ['reno'],
  };
  for (const [name, values] of Object.entries(refused)) {
    const before = tcpSysctlRead(alice.tcp, name);
    for (const value of values)
      expect([name, value, tcpSysctlWrite(alice.tcp, name, value)]).toEqual([name, value, -EINVAL]);
    expect(tcpSysctlRead(alice.tcp, name)).toBe(before);
  }
  expect(tcpSysctlWrite(alice.tcp, 'tcp_nonsense', '1')).toBe(-ENOENT);
  expect(tcpSysctlWrite(alice.tcp, 'tcp_congestion_control', 'nonesuch')).toBe(-ENOENT);
});

test('what is in bounds holds at once', () => {
  const { alice, peer } = byHand();
  expect(tcpSysctlWrite(alice.tcp, 'tcp_timestamps', '0')).toBe(0);
  expect(tcpSysctlWrite(alice.tcp, 'tcp_rto_min_us', '40000')).toBe(0);
  expect(tcpSysctlWrite(alice.tcp, 'tcp_rmem', '4096 70000')).toBe(0);
  expect(tcpSysctlWrite(alice.tcp, 'tcp_congestion_control', 'reno')).toBe(0);
  const client = alice.open();
  client.connect(0x0a000002, 80);
  expect(peer.take()[0].options.timestamps).toBeUndefined();
  expect([alice.tcp.sysctl.tcp_rto_min, client.sk.rcvbuf, client.sk.cc.ops.name]).toEqual([40, 70_000, 'reno']);
  expect(tcpSysctlRead(alice.tcp, 'tcp_rmem')).toBe('4096\t70000\t33554432');
});
