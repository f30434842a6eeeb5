/** Bits of the registers, as in chapter 13 of the manual. */
export const CTRL_SLU = 1 << 6;
export const CTRL_RST = 1 << 26;
export const CTRL_RFCE = 1 << 27;
export const CTRL_TFCE = 1 << 28;
export const CTRL_VME = 1 << 30;
export const CTRL_PHY_RST = 1 << 31;

export const STATUS_FD = 1 << 0;
export const STATUS_LU = 1 << 1;
export const STATUS_TXOFF = 1 << 4;
export const STATUS_SPEED_1000 = 2 << 6;

export const CTRL_EXT_EE_RST = 1 << 13;

export const ICR_TXDW = 1 << 0;
export const ICR_TXQE = 1 << 1;
export const ICR_LSC = 1 << 2;
export const ICR_RXDMT0 = 1 << 4;
export const ICR_RXO = 1 << 6;
export const ICR_RXT0 = 1 << 7;
export const ICR_MDAC = 1 << 9;
export const ICR_TXD_LOW = 1 << 15;
export const ICR_SRPD = 1 << 16;
/** Causes that exist. */
export const ICR_ALL = 0x0001_ffd7;

export const RCTL_EN = 1 << 1;
export const RCTL_SBP = 1 << 2;
export const RCTL_UPE = 1 << 3;
export const RCTL_MPE = 1 << 4;
export const RCTL_LPE = 1 << 5;
export const RCTL_LBM = 3 << 6;
export const RCTL_RDMTS_SHIFT = 8;
export const RCTL_MO_SHIFT = 12;
export const RCTL_BAM = 1 << 15;
export const RCTL_BSIZE_SHIFT = 16;
export const RCTL_VFE = 1 << 18;
export const RCTL_CFIEN = 1 << 19;
export const RCTL_CFI = 1 << 20;
export const RCTL_DPF = 1 << 22;
export const RCTL_PMCF = 1 << 23;
export const RCTL_BSEX = 1 << 25;
export const RCTL_SECRC = 1 << 26;

export const TCTL_EN = 1 << 1;
export const TCTL_PSP = 1 << 3;

export const FCRTL_XONE = 1 << 31;

export const RDTR_FPD = 1 << 31;

export const RXCSUM_IPOFL = 1 << 8;
export const RXCSUM_TUOFL = 1 << 9;

export const RAH_AV = 1 << 31;

/** Receive descriptor, bytes: address 0 to 7, length 8, checksum 10, status 12, errors 13, special 14. */
export const RXD_STAT_DD = 1 << 0;
export const RXD_STAT_EOP = 1 << 1;
export const RXD_STAT_IXSM = 1 << 2;
export const RXD_STAT_VP = 1 << 3;
export const RXD_STAT_TCPCS = 1 << 5;
export const RXD_STAT_IPCS = 1 << 6;
/** Passed the address filter inexactly. */
export const RXD_STAT_PIF = 1 << 7;
export const RXD_ERR_CE = 1 << 0;
export const RXD_ERR_TCPE = 1 << 5;
export const RXD_ERR_IPE = 1 << 6;

/** Transmit descriptors: the second 32-bit pair, low word. */
export const TXD_DTYP_SHIFT = 20;
export const TXD_DTYP_DATA = 1;
export const TXD_EOP = 1 << 24;
export const TXD_IFCS = 1 << 25;
/** In a legacy descriptor: insert a checksum. */
export const TXD_IC = 1 << 26;
/** In a context or data descriptor: segment. */
export const TXD_TSE = 1 << 26;
export const TXD_RS = 1 << 27;
export const TXD_DEXT = 1 << 29;
export const TXD_VLE = 1 << 30;
export const TXD_IDE = 1 << 31;
export const TXD_STAT_DD = 1 << 0;
/** In a context descriptor: the packet is TCP (else UDP), and IPv4 (else IPv6). */
export const TUCMD_TCP = 1 << 24;
export const TUCMD_IP = 1 << 25;
/** Options of the first data descriptor of a packet. */
export const POPTS_IXSM = 1 << 8;
export const POPTS_TXSM = 1 << 9;
