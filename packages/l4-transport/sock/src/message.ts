import type { SockError } from './error-queue.ts';

/** Flags of send and recv. @kernel include/linux/socket.h */
export const MSG_OOB = 0x01;
export const MSG_PEEK = 0x02;
export const MSG_DONTROUTE = 0x04;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_EOR = 0x80;
export const MSG_WAITALL = 0x100;
export const MSG_ERRQUEUE = 0x2000;
export const MSG_NOSIGNAL = 0x4000;
export const MSG_MORE = 0x8000;
export const MSG_ZEROCOPY = 0x4000000;
/** The bytes are pages of a pipe or a file: what sendfile and splice send. */
export const MSG_SPLICE_PAGES = 0x8000000;
export const MSG_FASTOPEN = 0x20000000;

/** Shutdown, as bits of {@link Sock.shutdown}. */
export const RCV_SHUTDOWN = 1;
export const SEND_SHUTDOWN = 2;
export const SHUTDOWN_MASK = 3;

/** What goes with the bytes of a message. Reused by callers: protocols fill it in, or read it, during the call. */
export class MsgHdr {
  /** Peer; for sendmsg 0 and 0 mean the connected one. int32 and uint16. */
  address = 0;
  port = 0;
  /** MSG_* the protocol reports, MSG_TRUNC for one. */
  flags = 0;
  /** Ancillary data. */
  ttl = -1;
  tos = -1;
  /** When it came in, nanoseconds of the host's clock; 0: not told. */
  stamp = 0;
  /** Where it was sent to, int32, and by which device it came: for who asked with IP_PKTINFO; -1: not told. */
  ifindex = -1;
  destination = 0;
  /** Bytes that are left to read, for who asked with TCP_INQ; -1: not told. */
  inq = -1;
  /** SOF_TIMESTAMPING_TX_* for this call in place of the socket's; -1: as the socket has it. */
  timestamping = -1;
  /** Lengths of the buffers that the bytes come from, where they must not be joined: pages are handed over as they are. */
  pieces: readonly number[] | null = null;
  /** What was read with MSG_ERRQUEUE. */
  error: SockError | null = null;
}
