/** Parts of the codes of classic BPF. @kernel include/uapi/linux/bpf_common.h include/uapi/linux/filter.h */
export const BPF = {
  BPF_LD: 0, BPF_LDX: 1, BPF_ST: 2, BPF_STX: 3, BPF_ALU: 4, BPF_JMP: 5, BPF_RET: 6, BPF_MISC: 7,
  BPF_W: 0, BPF_H: 8, BPF_B: 0x10, BPF_IMM: 0, BPF_ABS: 0x20, BPF_IND: 0x40, BPF_MEM: 0x60, BPF_LEN: 0x80, BPF_MSH: 0xa0,
  BPF_ADD: 0, BPF_SUB: 0x10, BPF_MUL: 0x20, BPF_DIV: 0x30, BPF_OR: 0x40, BPF_AND: 0x50, BPF_LSH: 0x60, BPF_RSH: 0x70,
  BPF_NEG: 0x80, BPF_MOD: 0x90, BPF_XOR: 0xa0, BPF_JA: 0, BPF_JEQ: 0x10, BPF_JGT: 0x20, BPF_JGE: 0x30, BPF_JSET: 0x40,
  BPF_K: 0, BPF_X: 8, BPF_A: 0x10, BPF_TAX: 0, BPF_TXA: 0x80,
  SKF_AD_OFF: -0x1000, SKF_AD_PROTOCOL: 0, SKF_AD_PKTTYPE: 4, SKF_AD_IFINDEX: 8, SKF_AD_MARK: 20, SKF_AD_QUEUE: 24,
  SKF_AD_CPU: 36, SKF_NET_OFF: -0x100000,
} as const; // prettier-ignore
