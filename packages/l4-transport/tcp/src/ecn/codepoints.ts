/** The ECN field of IP: the low bits of the TOS byte. @rfc 3168 5 @kernel include/net/inet_ecn.h */
export const INET_ECN_NOT_ECT = 0;
export const INET_ECN_ECT_1 = 1;
export const INET_ECN_ECT_0 = 2;
export const INET_ECN_CE = 3;
export const INET_ECN_MASK = 3;
