/** Layout of the header in front of each frame; host byte order. @kernel include/uapi/linux/virtio_net.h struct virtio_net_hdr */
export const VNET_HEADER = 10;
export const FLAGS = 0;
export const GSO_TYPE = 1;
export const HDR_LEN = 2;
export const GSO_SIZE = 4;
export const CSUM_START = 6;
export const CSUM_OFFSET = 8;

export const NEEDS_CSUM = 1;
export const DATA_VALID = 2;

export const GSO_NONE = 0;
export const GSO_TCPV4 = 1;
export const GSO_ECN = 0x80;
