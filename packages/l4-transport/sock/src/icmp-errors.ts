import {
  ECONNREFUSED,
  EHOSTDOWN,
  EHOSTUNREACH,
  EMSGSIZE,
  ENETUNREACH,
  ENONET,
  ENOPROTOOPT,
  EOPNOTSUPP,
} from '@stack/plugin';

/** What "destination unreachable" means to the sender, by code. @kernel net/ipv4/icmp.c icmp_err_convert */
const ERRNO = [
  ENETUNREACH,
  EHOSTUNREACH,
  ENOPROTOOPT,
  ECONNREFUSED,
  EMSGSIZE,
  EOPNOTSUPP,
  ENETUNREACH,
  EHOSTDOWN,
  ENONET,
  ENETUNREACH,
  EHOSTUNREACH,
  ENETUNREACH,
  EHOSTUNREACH,
  EHOSTUNREACH,
  EHOSTUNREACH,
  EHOSTUNREACH,
];
/** Trying again is of no use: protocol, port, the unknown and the forbidden. */
const FATAL = [false, false, true, true, false, false, true, true, true, true, true, false, false, true, true, true];

/** The last code that has a meaning. @kernel include/uapi/linux/icmp.h NR_ICMP_UNREACH */
export const NR_ICMP_UNREACH = 15;

/** Positive errno for a code from 0 to {@link NR_ICMP_UNREACH}. */
export function icmpUnreachErrno(code: number): number {
  return ERRNO[code];
}

export function icmpUnreachFatal(code: number): boolean {
  return FATAL[code];
}
