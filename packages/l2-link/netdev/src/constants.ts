/** What a driver's transmit function answers. @kernel include/linux/netdevice.h enum netdev_tx */
export const NETDEV_TX_OK = 0;
/** The ring is full: the packet stays with the caller. */
export const NETDEV_TX_BUSY = 0x10;

/** What queueing answers; negative numbers are errnos. @kernel include/linux/netdevice.h NET_XMIT_SUCCESS */
export const NET_XMIT_SUCCESS = 0;
export const NET_XMIT_DROP = 1;
/** Accepted, but the queue is congested. */
export const NET_XMIT_CN = 2;
/** Above it are flags that disciplines set for each other. */
export const NET_XMIT_MASK = 0x0f;

/** What receiving answers. */
export const NET_RX_SUCCESS = 0;
export const NET_RX_DROP = 1;

/** @kernel include/uapi/linux/if.h */
export const IFF_UP = 1 << 0;
export const IFF_BROADCAST = 1 << 1;
export const IFF_LOOPBACK = 1 << 3;
export const IFF_POINTOPOINT = 1 << 4;
export const IFF_RUNNING = 1 << 6;
export const IFF_NOARP = 1 << 7;
export const IFF_PROMISC = 1 << 8;
export const IFF_ALLMULTI = 1 << 9;
export const IFF_MULTICAST = 1 << 12;

/** What the device can do for us. @kernel include/linux/netdev_features.h */
export const NETIF_F_SG = 1 << 0;
export const NETIF_F_HW_CSUM = 1 << 1;
export const NETIF_F_IP_CSUM = 1 << 2;
export const NETIF_F_RXCSUM = 1 << 3;
export const NETIF_F_TSO = 1 << 4;
export const NETIF_F_TSO_ECN = 1 << 5;
export const NETIF_F_GRO = 1 << 6;
export const NETIF_F_GSO = 1 << 7;
export const NETIF_F_HIGHDMA = 1 << 8;
export const NETIF_F_HW_VLAN_CTAG_TX = 1 << 9;
export const NETIF_F_HW_VLAN_CTAG_RX = 1 << 10;
export const NETIF_F_LOOPBACK = 1 << 11;
export const NETIF_F_LLTX = 1 << 12;
/** Takes packets whose data continue in a list of further buffers. */
export const NETIF_F_FRAGLIST = 1 << 13;
/** Leaves CWR in all segments of a packet whose bits of ECN are a count. */
export const NETIF_F_GSO_ACCECN = 1 << 14;
/** All that compute checksums for us, and all that segment. */
export const NETIF_F_CSUM_MASK = NETIF_F_HW_CSUM | NETIF_F_IP_CSUM;
export const NETIF_F_GSO_MASK = NETIF_F_TSO | NETIF_F_TSO_ECN | NETIF_F_GSO_ACCECN;
/** Done in software for every device that can carry it. */
export const NETIF_F_SOFT_FEATURES = NETIF_F_GSO | NETIF_F_GRO;

/** @kernel include/uapi/linux/if_arp.h */
export const ARPHRD_ETHER = 1;
export const ARPHRD_LOOPBACK = 772;
export const ARPHRD_NONE = 0xfffe;

export const GSO_MAX_SIZE = 65_536;
export const GSO_MAX_SEGS = 65_535;
