/** What administrators tune, with Linux's names and defaults. @kernel net/core/sysctl_net_core.c */
export class NetSysctl {
  /** Packets that one round of NET_RX may take, and microseconds that it may last. */
  netdevBudget = 300;
  netdevBudgetUsecs = 2_000;
  /** Packets that wait for a CPU at most, if their device has no poller. */
  netdevMaxBacklog = 1_000;
  /** Packets in one poll of the backlog, and in one run of a qdisc. */
  devRxWeight = 64;
  devTxWeight = 64;
  /** Frames that go up together. */
  groNormalBatch = 8;
  /** The discipline of devices that nobody gave one. */
  defaultQdisc = 'pfifo_fast';
}
