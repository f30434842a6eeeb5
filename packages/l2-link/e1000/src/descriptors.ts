/**
 * Descriptors: 16 bytes, four little-endian 32-bit words. Chapter 3 of the manual.
 *
 * | word | receive             | transmit: data           | transmit: context           |
 * | ---- | ------------------- | ------------------------ | --------------------------- |
 * | 0    | address             | address                  | IP: start, offset, end      |
 * | 1    | address, high       | address, high            | TCP/UDP: start, offset, end |
 * | 2    | length, checksum    | length, type, command    | payload, type, command      |
 * | 3    | status, errors, tag | status, options, tag     | status, header length, MSS  |
 */
export const DESC_SIZE = 16;
export const DESC_LOWER = 8;
export const DESC_UPPER = 12;

/** Rings are counted in multiples of this: the chip takes lengths of 128 bytes. */
export const REQ_DESCRIPTOR_MULTIPLE = 8;

/** Received: done; end of packet; checksums not looked at; tagged; the TCP or UDP checksum was computed. */
export const RXD_STAT_DD = 1 << 0;
export const RXD_STAT_EOP = 1 << 1;
export const RXD_STAT_IXSM = 1 << 2;
export const RXD_STAT_VP = 1 << 3;
export const RXD_STAT_TCPCS = 1 << 5;
/** In word 3, errors stand above the status: CRC, symbol, sequence, carrier extension, */
const RXD_ERR_CE = 1 << 8;
const RXD_ERR_SE = 1 << 9;
const RXD_ERR_SEQ = 1 << 10;
const RXD_ERR_CXE = 1 << 12;
/** TCP or UDP checksum, data from the PHY. */
export const RXD_ERR_TCPE = 1 << 13;
const RXD_ERR_RXE = 1 << 15;
/** The frame is damaged. A wrong checksum is not: software looks at it again. */
export const RXD_ERR_FRAME = RXD_ERR_CE | RXD_ERR_SE | RXD_ERR_SEQ | RXD_ERR_CXE | RXD_ERR_RXE;
export const RXD_SPECIAL_SHIFT = 16;

export const TXD_DTYP_DATA = 1 << 20;
export const TXD_CMD_EOP = 1 << 24;
/** Append the frame check sequence. */
export const TXD_CMD_IFCS = 1 << 25;
/** In an extended descriptor: segment. */
export const TXD_CMD_TSE = 1 << 26;
/** Report when it is done. */
export const TXD_CMD_RS = 1 << 27;
export const TXD_CMD_DEXT = 1 << 29;
/** Insert the tag. */
export const TXD_CMD_VLE = 1 << 30;
/** Delay the interrupt. */
export const TXD_CMD_IDE = 1 << 31;
/** In a context: the packet is TCP, and IPv4. */
export const TXD_CMD_TCP = 1 << 24;
export const TXD_CMD_IP = 1 << 25;
export const TXD_STAT_DD = 1 << 0;
/** In a data descriptor: insert the IP checksum, the TCP or UDP checksum. */
export const TXD_POPTS_IXSM = 1 << 8;
export const TXD_POPTS_TXSM = 1 << 9;
export const TXD_SPECIAL_SHIFT = 16;
export const TXD_HDRLEN_SHIFT = 8;
export const TXD_MSS_SHIFT = 16;
