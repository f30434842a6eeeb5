/** Numbers of the pcapng format, draft-ietf-opsawg-pcapng. */
export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const SIMPLE_PACKET = 3;
export const INTERFACE_STATISTICS = 5;
export const ENHANCED_PACKET = 6;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

export const OPT_END = 0;
export const OPT_COMMENT = 1;
export const SHB_USERAPPL = 4;
export const IF_NAME = 2;
export const IF_SPEED = 8;
export const IF_TSRESOL = 9;
export const IF_TSOFFSET = 14;
export const EPB_FLAGS = 2;
export const EPB_DROPCOUNT = 4;
export const ISB_ENDTIME = 3;
export const ISB_IFRECV = 4;
export const ISB_IFDROP = 5;

/** In EPB_FLAGS: which way, and that the frame check sequence is wrong. */
export const INBOUND = 1;
export const OUTBOUND = 2;
export const CRC_ERROR = 1 << 24;

/** What the frames of an interface begin with. */
export const LINKTYPE_ETHERNET = 1;
/** An IP header, nothing in front. */
export const LINKTYPE_RAW = 101;

/** Magic numbers of classic pcap files: time stamps in microseconds, and in nanoseconds. */
export const PCAP_MICROSECONDS = 0xa1b2c3d4;
export const PCAP_NANOSECONDS = 0xa1b23c4d;

/** In EPB_FLAGS: to whom a received frame was sent. */
export const TO_US = 1 << 2;
export const TO_GROUP = 2 << 2;
export const TO_ALL = 3 << 2;
export const TO_OTHERS = 4 << 2;
