/**
 * Registers of the 82540EM that the driver uses, by their names and offsets in Intel's "PCI/PCI-X Family of Gigabit
 * Ethernet Controllers Software Developer's Manual", chapter 13. All are 32 bits.
 */
export const CTRL = 0x0000;
export const STATUS = 0x0008;
export const EERD = 0x0014;
export const MDIC = 0x0020;
/** Flow control: destination address and type of PAUSE frames, and the time they ask for. */
export const FCAL = 0x0028;
export const FCAH = 0x002c;
export const FCT = 0x0030;
export const FCTTV = 0x0170;
export const FCRTL = 0x2160;
export const FCRTH = 0x2168;
/** Ethertype of VLAN tags. */
export const VET = 0x0038;
/** Interrupts: causes (read to clear), rate, causes set by hand, mask set, mask clear. */
export const ICR = 0x00c0;
export const ITR = 0x00c4;
export const ICS = 0x00c8;
export const IMS = 0x00d0;
export const IMC = 0x00d8;
export const RCTL = 0x0100;
export const TCTL = 0x0400;
export const TIPG = 0x0410;
/** How the 64 KB packet buffer is divided. */
export const PBA = 0x1000;
/** The receive ring, and the delay of its interrupts. */
export const RDBAL = 0x2800;
export const RDBAH = 0x2804;
export const RDLEN = 0x2808;
export const RDH = 0x2810;
export const RDT = 0x2818;
export const RDTR = 0x2820;
export const RADV = 0x282c;
/** The transmit ring. */
export const TDBAL = 0x3800;
export const TDBAH = 0x3804;
export const TDLEN = 0x3808;
export const TDH = 0x3810;
export const TDT = 0x3818;
export const TIDV = 0x3820;
export const TXDCTL = 0x3828;
export const TADV = 0x382c;
/** Statistics, cleared when read. */
export const CRCERRS = 0x4000;
export const RXERRC = 0x400c;
export const MPC = 0x4010;
export const ECOL = 0x4018;
export const LATECOL = 0x4020;
export const CEXTERR = 0x403c;
export const RLEC = 0x4040;
export const MPRC = 0x407c;
export const RUC = 0x40a4;
export const ROC = 0x40ac;
export const RXCSUM = 0x5000;
/** 128 words of hashed multicast addresses, 16 pairs of exact addresses, 128 words of VLANs. */
export const MTA = 0x5200;
export const RAL = 0x5400;
export const RAH = 0x5404;
export const VFTA = 0x5600;
export const STATISTICS = 0x4000;
export const STATISTICS_END = 0x4100;
