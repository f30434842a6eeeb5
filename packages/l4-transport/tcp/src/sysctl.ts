/**
 * Settings of TCP on one host, with Linux's names and defaults (`net.ipv4.*`). Change them at any time.
 *
 * @kernel net/ipv4/sysctl_net_ipv4.c
 */
export class TcpSysctl {
  /** Bytes of memory for receiving: least, at first, most. */
  tcp_rmem: [number, number, number] = [4096, 131_072, 33_554_432];
  /** Bytes of memory for sending: least, at first, most. */
  tcp_wmem: [number, number, number] = [4096, 16_384, 4_194_304];
  tcp_moderate_rcvbuf = true;
  tcp_timestamps = true;
  tcp_window_scaling = true;
  tcp_sack = true;
  tcp_dsack = true;
  /**
   * Explicit congestion notification: 0 off, 1 asked for and accepted, 2 accepted. With accurate feedback: 3 asked for and
   * accepted, 4 accepted, while the older kind is asked for, 5 accepted.
   */
  tcp_ecn = 2;
  /** A SYN that asked and got no answer is sent again without asking. */
  tcp_ecn_fallback = true;
  /** The option with byte counts of accurate feedback: 0 never, 1 when it is needed, 2 in every segment. */
  tcp_ecn_option = 2;
  /** With 1: so often in a round trip at least. */
  tcp_ecn_option_beacon = 3;
  tcp_syn_retries = 6;
  tcp_synack_retries = 5;
  tcp_syn_linear_timeouts = 4;
  /** 0 never, 1 when the SYN queue is full, 2 always. */
  tcp_syncookies = 1;
  tcp_abort_on_overflow = false;
  /** Without cookies, the last quarter of so many requests is kept for peers that are known. */
  tcp_max_syn_backlog = 4096;
  /** Time-outs after which the route is doubted, and the connection given up. */
  tcp_retries1 = 3;
  tcp_retries2 = 15;
  tcp_orphan_retries = 0;
  tcp_max_orphans = 262_144;
  tcp_max_tw_buckets = 262_144;
  /** Seconds. */
  tcp_fin_timeout = 60;
  tcp_keepalive_time = 7200;
  tcp_keepalive_intvl = 75;
  tcp_keepalive_probes = 9;
  /** 0 off, 1 always, 2 on loopback only. */
  tcp_tw_reuse = 2;
  /** Milliseconds in TIME_WAIT before that. */
  tcp_tw_reuse_delay = 1000;
  tcp_rfc1337 = false;
  /** Packets of a connection are sorted out before they are routed. */
  tcp_early_demux = true;
  /** A connection has the mark of its SYN, unless its listener has one. */
  tcp_fwmark_accept = false;
  /** SYN-ACK and what follows have the type of service of the SYN. */
  tcp_reflect_tos = false;
  /** Whether the urgent pointer means the urgent byte itself, as nobody else has it. */
  tcp_stdurg = false;
  tcp_congestion_control = 'cubic';
  tcp_slow_start_after_idle = true;
  tcp_reordering = 3;
  tcp_max_reordering = 300;
  /** 0x1 enables RACK. */
  tcp_recovery = 1;
  /** 0 off, 3 and 4: loss probes. */
  tcp_early_retrans = 3;
  tcp_frto = 2;
  /** Milliseconds. */
  tcp_rto_min = 200;
  tcp_rto_max = 120_000;
  /** Bits: 1 client, 2 server, 4 and 0x200 without cookies, 0x400 every listener. */
  tcp_fastopen = 1;
  /** Seconds without Fast Open after the network seems to swallow it; 0: never. */
  tcp_fastopen_blackhole_timeout_sec = 0;
  tcp_min_rtt_wlen = 300;
  /** Search for a larger MTU: 0 never, 1 after a black hole, 2 always. Payload to begin with, and the least. */
  tcp_mtu_probing = 0;
  tcp_base_mss = 1024;
  tcp_mtu_probe_floor = 48;
  tcp_min_snd_mss = 48;
  /** Seconds until it is searched anew; bytes for which it is not worth while. */
  tcp_probe_interval = 600;
  tcp_probe_threshold = 8;
  /** Whether to forget what a connection measured when it ends: all of it, or the threshold of slow start. */
  tcp_no_metrics_save = false;
  tcp_no_ssthresh_metrics_save = true;
  /** Milliseconds between two challenge ACKs of the same connection. */
  tcp_invalid_ratelimit = 500;
  /** For the whole host in one second. */
  tcp_challenge_ack_limit = 0x7fffffff;
  tcp_limit_output_bytes = 4 * 1024 * 1024;
  tcp_min_tso_segs = 2;
  tcp_tso_win_divisor = 3;
  tcp_tso_rtt_log = 9;
  tcp_autocorking = true;
  tcp_retrans_collapse = true;
  tcp_thin_linear_timeouts = false;
  /** How much of the window is kept for the application: 1/2 to the power; 31 keeps nothing. */
  tcp_app_win = 31;
  /** Without effect, as in Linux since 4.15 and 6.6. */
  tcp_fack = false;
  tcp_adv_win_scale = 1;
  tcp_notsent_lowat = 0xffffffff;
  tcp_pacing_ss_ratio = 200;
  tcp_pacing_ca_ratio = 120;
  tcp_pingpong_thresh = 1;
  tcp_workaround_signed_windows = false;
  /** Whether a window that was promised may be taken back when memory is short. */
  tcp_shrink_window = false;
  /** Nanoseconds, count, and percent of the round trip. */
  tcp_comp_sack_delay_ns = 1_000_000;
  tcp_comp_sack_nr = 44;
  tcp_comp_sack_rtt_percent = 33;
}
