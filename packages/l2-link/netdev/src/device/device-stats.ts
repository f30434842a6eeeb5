/** Counters of a device, as `ip -s link` shows them. @kernel include/uapi/linux/if_link.h struct rtnl_link_stats64 */
export class DeviceStats {
  rxPackets = 0;
  txPackets = 0;
  rxBytes = 0;
  txBytes = 0;
  rxErrors = 0;
  txErrors = 0;
  rxDropped = 0;
  txDropped = 0;
  multicast = 0;
  rxLengthErrors = 0;
  rxCrcErrors = 0;
  rxMissed = 0;
  txAborted = 0;
  rxNohandler = 0;
}
