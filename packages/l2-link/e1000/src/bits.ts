/** Bits of the registers, as in chapter 13 of the manual. */
export const CTRL_ASDE = 1 << 5;
export const CTRL_SLU = 1 << 6;
export const CTRL_FRCSPD = 1 << 11;
export const CTRL_FRCDPX = 1 << 12;
export const CTRL_RST = 1 << 26;
export const CTRL_RFCE = 1 << 27;
export const CTRL_TFCE = 1 << 28;
export const CTRL_VME = 1 << 30;

export const STATUS_FD = 1 << 0;
export const STATUS_SPEED_MASK = 3 << 6;
export const STATUS_SPEED_10 = 0 << 6;
export const STATUS_SPEED_100 = 1 << 6;

export const EERD_START = 1 << 0;
export const EERD_DONE = 1 << 4;
export const EERD_ADDR_SHIFT = 8;
export const EERD_DATA_SHIFT = 16;

export const MDIC_REG_SHIFT = 16;
export const MDIC_PHY_SHIFT = 21;
export const MDIC_OP_WRITE = 1 << 26;
export const MDIC_OP_READ = 2 << 26;
export const MDIC_READY = 1 << 28;
export const MDIC_ERROR = 1 << 30;

/** Interrupt causes: a transmit descriptor was written back, the link changed, receive symbols out of sequence, */
export const ICR_TXDW = 1 << 0;
export const ICR_LSC = 1 << 2;
export const ICR_RXSEQ = 1 << 3;
/** few receive descriptors are left, and frames have been received. */
export const ICR_RXDMT0 = 1 << 4;
export const ICR_RXT0 = 1 << 7;

export const RCTL_EN = 1 << 1;
export const RCTL_UPE = 1 << 3;
export const RCTL_MPE = 1 << 4;
export const RCTL_LPE = 1 << 5;
export const RCTL_BAM = 1 << 15;
export const RCTL_BSIZE_2048 = 0 << 16;
/** With BSEX. */
export const RCTL_BSIZE_4096 = 3 << 16;
export const RCTL_BSEX = 1 << 25;
export const RCTL_SECRC = 1 << 26;

export const TCTL_EN = 1 << 1;
export const TCTL_PSP = 1 << 3;
export const TCTL_CT_SHIFT = 4;
export const TCTL_COLD_SHIFT = 12;
export const TCTL_RTLC = 1 << 24;

/** Write back descriptors only as they are asked for, one by one. */
export const TXDCTL_FULL_TX_DESC_WB = 0x0101_0000;

export const FCRTL_XONE = 1 << 31;

export const RXCSUM_IPOFL = 1 << 8;
export const RXCSUM_TUOFL = 1 << 9;

export const RAH_AV = 1 << 31;
