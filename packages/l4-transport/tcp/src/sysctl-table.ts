import { EINVAL, ENOENT } from '@stack/plugin';
import { FastOpenKeys } from './fastopen/keys.ts';
import type { TcpProtocol } from './protocol.ts';
import type { TcpSysctl } from './sysctl.ts';

const PREFIX = 'net.ipv4.';
const INT_MAX = 0x7fffffff;
const INT_MIN = -0x80000000;
const UINT_MAX = 0xffffffff;
const BYTE = 255;
const DAY = 86_400;

type Field = keyof TcpSysctl;

/** Where a number is kept, its bounds, and how many of its units make one of the field's. */
interface Rule {
  field: Field;
  min: number;
  max: number;
  scale: number;
}

/** Bounds as Linux has them. */
function bounds(): Map<string, Rule> {
  const table = new Map<string, Rule>();
  const numbers = (min: number, max: number, ...fields: Field[]): void => {
    for (const field of fields) table.set(field, { field, min, max, scale: 1 });
  };
  numbers(1, INT_MAX, 'tcp_rmem', 'tcp_wmem');
  numbers(0, BYTE, 'tcp_moderate_rcvbuf', 'tcp_timestamps', 'tcp_window_scaling', 'tcp_sack', 'tcp_dsack');
  numbers(0, BYTE, 'tcp_synack_retries', 'tcp_syncookies', 'tcp_abort_on_overflow', 'tcp_retries1', 'tcp_retries2');
  numbers(0, BYTE, 'tcp_orphan_retries', 'tcp_keepalive_probes', 'tcp_rfc1337', 'tcp_stdurg', 'tcp_frto');
  numbers(0, BYTE, 'tcp_slow_start_after_idle', 'tcp_recovery', 'tcp_tso_win_divisor', 'tcp_tso_rtt_log');
  numbers(0, BYTE, 'tcp_workaround_signed_windows', 'tcp_comp_sack_nr', 'tcp_no_metrics_save', 'tcp_mtu_probing');
  numbers(0, BYTE, 'tcp_retrans_collapse', 'tcp_thin_linear_timeouts', 'tcp_fack');
  numbers(0, BYTE, 'tcp_early_demux', 'tcp_fwmark_accept');
  numbers(0, 31, 'tcp_app_win');
  numbers(-31, 31, 'tcp_adv_win_scale');
  numbers(0, 1, 'tcp_autocorking', 'tcp_shrink_window', 'tcp_no_ssthresh_metrics_save');
  numbers(0, 2, 'tcp_tw_reuse', 'tcp_ecn_option');
  numbers(0, 5, 'tcp_ecn');
  numbers(0, 3, 'tcp_ecn_option_beacon');
  numbers(0, 1, 'tcp_ecn_fallback', 'tcp_reflect_tos');
  numbers(1, 60_000, 'tcp_tw_reuse_delay');
  numbers(0, 4, 'tcp_early_retrans');
  numbers(1, 127, 'tcp_syn_retries');
  numbers(0, 127, 'tcp_syn_linear_timeouts');
  numbers(1, BYTE, 'tcp_min_tso_segs', 'tcp_pingpong_thresh');
  numbers(0, 1000, 'tcp_pacing_ss_ratio', 'tcp_pacing_ca_ratio');
  numbers(1, 1000, 'tcp_comp_sack_rtt_percent');
  numbers(48, 65_535, 'tcp_min_snd_mss', 'tcp_mtu_probe_floor');
  numbers(0, DAY, 'tcp_min_rtt_wlen');
  numbers(0, INT_MAX, 'tcp_fastopen_blackhole_timeout_sec', 'tcp_invalid_ratelimit');
  numbers(0, UINT_MAX, 'tcp_notsent_lowat', 'tcp_probe_interval', 'tcp_comp_sack_delay_ns');
  numbers(INT_MIN, INT_MAX, 'tcp_fin_timeout', 'tcp_keepalive_time', 'tcp_keepalive_intvl');
  numbers(INT_MIN, INT_MAX, 'tcp_max_orphans', 'tcp_max_tw_buckets', 'tcp_max_syn_backlog');
  numbers(INT_MIN, INT_MAX, 'tcp_reordering', 'tcp_max_reordering', 'tcp_challenge_ack_limit');
  numbers(INT_MIN, INT_MAX, 'tcp_limit_output_bytes', 'tcp_fastopen', 'tcp_base_mss', 'tcp_probe_threshold');
  table.set('tcp_rto_min_us', { field: 'tcp_rto_min', min: 1, max: INT_MAX, scale: 1000 });
  table.set('tcp_rto_max_ms', { field: 'tcp_rto_max', min: 1000, max: 120_000, scale: 1 });
  return table;
}

const rules: ReadonlyMap<string, Rule> = /* @__PURE__ */ bounds();

/** What is shown of a key that nobody has needed yet. */
const NO_KEY = '00000000-00000000-00000000-00000000';

/** Settings that are no numbers. */
const TEXTS = ['tcp_available_congestion_control', 'tcp_congestion_control', 'tcp_fastopen_key'] as const;

/** All settings by Linux's names, without `net.ipv4.` in front. */
export const tcpSysctlNames: readonly string[] = /* @__PURE__ */ [...rules.keys()].concat(TEXTS).sort();

/**
 * A setting as /proc/sys/net/ipv4 shows it; -ENOENT when there is none of the name. With or without `net.ipv4.`.
 *
 * @kernel net/ipv4/sysctl_net_ipv4.c ipv4_net_table
 */
export function tcpSysctlRead(tcp: TcpProtocol, name: string): string | number {
  const short = withoutPrefix(name);
  const rule = rules.get(short);
  if (rule !== undefined) {
    const value = tcp.sysctl[rule.field];
    return Array.isArray(value) ? value.join('\t') : String(Number(value) * rule.scale);
  }
  if (short === 'tcp_congestion_control') return tcp.sysctl.tcp_congestion_control;
  if (short === 'tcp_available_congestion_control') return tcp.congestion.names.join(' ');
  if (short === 'tcp_fastopen_key') return tcp.fastOpenKeys?.toText() ?? NO_KEY;
  return -ENOENT;
}

/**
 * Changes a setting as a write to /proc/sys/net/ipv4 does. 0; -EINVAL for what is no number or out of bounds, and then
 * nothing has changed; -ENOENT for a name that is none.
 *
 * @kernel kernel/sysctl.c proc_dointvec_minmax()
 */
export function tcpSysctlWrite(tcp: TcpProtocol, name: string, text: string): number {
  const short = withoutPrefix(name);
  const rule = rules.get(short);
  if (rule !== undefined) return writeNumbers(tcp.sysctl, rule, text);
  if (short === 'tcp_congestion_control') return writeCongestion(tcp, text.trim());
  if (short !== 'tcp_fastopen_key') return short === TEXTS[0] ? -EINVAL : -ENOENT;
  const keys = FastOpenKeys.fromText(text);
  if (keys === null) return -EINVAL;
  tcp.fastOpenKeys = keys;
  return 0;
}

function withoutPrefix(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}

function writeNumbers(sysctl: TcpSysctl, rule: Rule, text: string): number {
  const words = text.trim().split(/\s+/);
  const values = words.map((word) => (/^[+-]?\d+$/.test(word) ? Number(word) : NaN));
  if (!values.every((value) => value >= rule.min && value <= rule.max)) return -EINVAL;
  const old = sysctl[rule.field];
  const scaled = values.map((value) => Math.ceil(value / rule.scale));
  if (Array.isArray(old)) {
    if (scaled.length > old.length) return -EINVAL;
    scaled.forEach((value, i) => (old[i] = value));
    return 0;
  }
  if (scaled.length !== 1) return -EINVAL;
  Object.assign(sysctl, { [rule.field]: typeof old === 'boolean' ? scaled[0] !== 0 : scaled[0] });
  return 0;
}

function writeCongestion(tcp: TcpProtocol, name: string): number {
  if (tcp.congestion.find(name) === null) return -ENOENT;
  tcp.sysctl.tcp_congestion_control = name;
  return 0;
}
