/**
 * Settings of Linux that make no difference to this host: what they are about is not there, or has no effect on one host
 * that talks over one device. They can be read and written, with Linux's values to begin with.
 */
const INITIAL: Readonly<Record<string, string>> = {
  'net.ipv4.tcp_allowed_congestion_control': 'reno cubic',
  'net.ipv4.tcp_available_ulp': '',
  'net.ipv4.tcp_backlog_ack_defer': '1',
  'net.ipv4.tcp_child_ehash_entries': '0',
  'net.ipv4.tcp_comp_sack_slack_ns': '100000',
  'net.ipv4.tcp_ehash_entries': '65536',
  'net.ipv4.tcp_l3mdev_accept': '0',
  'net.ipv4.tcp_low_latency': '0',
  'net.ipv4.tcp_migrate_req': '0',
  'net.ipv4.tcp_plb_enabled': '0',
  'net.ipv4.tcp_plb_cong_thresh': '128',
  'net.ipv4.tcp_plb_idle_rehash_rounds': '3',
  'net.ipv4.tcp_plb_rehash_rounds': '12',
  'net.ipv4.tcp_plb_suspend_rto_sec': '60',
  'net.ipv4.udp_early_demux': '1',
  'net.ipv4.udp_l3mdev_accept': '0',
  'net.ipv4.ip_autobind_reuse': '0',
  'net.ipv4.ip_dynaddr': '0',
  'net.ipv4.ip_unprivileged_port_start': '1024',
  'net.ipv4.fwmark_reflect': '0',
  'net.ipv4.route.flush': '0',
  'net.core.busy_poll': '0',
  'net.core.busy_read': '0',
  'net.core.dev_weight': '64',
  'net.core.high_order_alloc_disable': '0',
  'net.core.message_burst': '10',
  'net.core.message_cost': '5',
  'net.core.skb_defer_max': '64',
  'net.core.tstamp_allow_data': '1',
  'net.core.txrehash': '1',
  'net.mptcp.enabled': '1',
};

/** Of one script's host. */
export class RememberedSysctls {
  readonly #values = new Map(Object.entries(INITIAL));

  get names(): Iterable<string> {
    return this.#values.keys();
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  get(name: string): string {
    return this.#values.get(name) ?? '';
  }

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }
}
