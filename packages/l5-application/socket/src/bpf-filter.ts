import { skbCopyToBytes, type SkBuff } from '@stack/skb';
import type { SocketFilter } from '@stack/sock';

/** One instruction of classic BPF. @kernel include/uapi/linux/filter.h struct sock_filter */
export interface BpfInstruction {
  readonly code: number;
  /** How many instructions to skip when a condition holds, and when not. */
  readonly jt: number;
  readonly jf: number;
  /** uint32 */
  readonly k: number;
}

// Classes, in the lowest three bits of a code.
const LD = 0;
const LDX = 1;
const ST = 2;
const STX = 3;
const ALU = 4;
const JMP = 5;
const RET = 6;
// Sizes and modes of loads.
const HALF = 0x08;
const BYTE = 0x10;
const IMM = 0x00;
const ABS = 0x20;
const IND = 0x40;
const MEM = 0x60;
const LEN = 0x80;
const MSH = 0xa0;
/** The operand is X, not K; of RET: A. */
const X = 0x08;
const RET_A = 0x10;
/** TAX or TXA. */
const TXA = 0x80;

const WORDS = 16;
const LONGEST = 4096;
/** Where offsets begin that are not into the packet. @kernel include/uapi/linux/filter.h SKF_AD_OFF */
const ANCILLARY = -0x1000;
const NETWORK = -0x100000;

/** Eight bytes for each instruction, little-endian, as in memory. Null when they are no program. */
export function bpfInstructions(bytes: Uint8Array): BpfInstruction[] | null {
  if (bytes.length === 0 || bytes.length % 8 !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 8 }, (_, i) => ({
    code: view.getUint16(8 * i, true),
    jt: bytes[8 * i + 2],
    jf: bytes[8 * i + 3],
    k: view.getUint32(8 * i + 4, true),
  }));
}

/**
 * A filter that runs a program over each packet, `data` at the transport header: what it returns is how many bytes the
 * socket may see. Null for a program that could not be run to its end.
 *
 * @kernel net/core/filter.c bpf_check_classic()
 */
export function bpfFilter(program: readonly BpfInstruction[]): SocketFilter | null {
  if (program.length === 0 || program.length > LONGEST || (program.at(-1)!.code & 7) !== RET) return null;
  return program.every((instruction, at) => isSound(instruction, program.length - at - 1))
    ? (skb) => run(program, skb)
    : null;
}

/** `left`: how many instructions follow. */
function isSound({ code, jt, jf, k }: BpfInstruction, left: number): boolean {
  const kind = code & 7;
  if (code > 0xff) return false;
  if (kind === JMP) return (code & 0xf0) === 0 ? k < left : (code & 0xf0) <= 0x40 && jt < left && jf < left;
  if (kind === ST || kind === STX) return k < WORDS;
  if ((kind === LD || kind === LDX) && (code & 0xe0) === MEM) return k < WORDS;
  if (kind !== ALU || (code & X) !== 0) return true;
  const operation = code & 0xf0;
  if (operation === 0x30 || operation === 0x90) return k !== 0;
  return operation === 0x60 || operation === 0x70 ? k < 32 : operation <= 0xa0;
}

/** Ends at once with 0 where the packet is too short, or something is divided by 0. */
function run(program: readonly BpfInstruction[], skb: SkBuff): number {
  const memory = new Uint32Array(WORDS);
  let [a, x] = [0, 0];
  for (let at = 0; at < program.length; at++) {
    const { code, jt, jf, k } = program[at];
    const operand = (code & X) !== 0 ? x : k;
    switch (code & 7) {
      case LD: {
        const loaded = load(skb, code, k, x, memory);
        if (loaded < 0) return 0;
        a = loaded;
        break;
      }
      case LDX: {
        const loaded = load(skb, code, k, 0, memory);
        if (loaded < 0) return 0;
        x = loaded;
        break;
      }
      case ST:
        memory[k] = a;
        break;
      case STX:
        memory[k] = x;
        break;
      case ALU:
        if (operand === 0 && ((code & 0xf0) === 0x30 || (code & 0xf0) === 0x90)) return 0;
        a = calculate(code & 0xf0, a, operand);
        break;
      case JMP:
        at += (code & 0xf0) === 0 ? k : holds(code & 0xf0, a, operand) ? jt : jf;
        break;
      case RET:
        return (code & 0x18) === RET_A ? a : (code & 0x18) === X ? x : k;
      default:
        if ((code & TXA) !== 0) a = x;
        else x = a;
    }
  }
  return 0;
}

/** Negative for what is not in the packet. */
function load(skb: SkBuff, code: number, k: number, x: number, memory: Uint32Array): number {
  switch (code & 0xe0) {
    case IMM:
      return k;
    case ABS:
      return bytesAt(skb, k | 0, sizeOf(code));
    case IND:
      return bytesAt(skb, (x + k) | 0, sizeOf(code));
    case MEM:
      return memory[k];
    case LEN:
      return skb.len;
    case MSH: {
      const byte = bytesAt(skb, k | 0, 1);
      return byte < 0 ? byte : 4 * (byte & 15);
    }
    default:
      return -1;
  }
}

function sizeOf(code: number): number {
  if ((code & 0x18) === BYTE) return 1;
  return (code & 0x18) === HALF ? 2 : 4;
}

const scratch = new Uint8Array(4);

/** Big-endian. Below 0 begin what is known of the packet, and its network header. */
function bytesAt(skb: SkBuff, offset: number, size: number): number {
  if (offset >= ANCILLARY && offset < 0) return ancillary(skb, offset - ANCILLARY);
  const shift = offset < 0 ? skb.networkHeader - skb.data - NETWORK : 0;
  const at = offset + shift;
  if (offset < NETWORK || at + size > skb.len) return -1;
  if (at < 0) return headerBytes(skb, skb.data + at, size);
  skbCopyToBytes(skb, at, scratch, 0, size);
  return numberIn(scratch, size);
}

/** In front of `data`, where all is in one piece. */
function headerBytes(skb: SkBuff, from: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + skb.arena.view.getUint8(from + i);
  return value;
}

function numberIn(bytes: Uint8Array, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + bytes[i];
  return value;
}

/** @kernel net/core/filter.c convert_bpf_extensions() */
function ancillary(skb: SkBuff, which: number): number {
  if (which === 0) return skb.protocol;
  if (which === 4) return skb.pktType;
  if (which === 8) return skb.dev === null ? -1 : skb.dev.ifindex;
  if (which === 20) return skb.mark >>> 0;
  return which === 24 || which === 36 ? 0 : -1; // the queue and the CPU
}

function calculate(operation: number, a: number, operand: number): number {
  switch (operation) {
    case 0x00:
      return (a + operand) >>> 0;
    case 0x10:
      return (a - operand) >>> 0;
    case 0x20:
      return Math.imul(a, operand) >>> 0;
    case 0x30:
      return Math.floor(a / operand);
    case 0x40:
      return (a | operand) >>> 0;
    case 0x50:
      return (a & operand) >>> 0;
    case 0x60:
      return operand > 31 ? 0 : (a << operand) >>> 0;
    case 0x70:
      return operand > 31 ? 0 : a >>> operand;
    case 0x80:
      return -a >>> 0;
    case 0x90:
      return a % operand;
    default:
      return (a ^ operand) >>> 0;
  }
}

function holds(condition: number, a: number, operand: number): boolean {
  if (condition === 0x10) return a === operand;
  if (condition === 0x20) return a > operand;
  return condition === 0x30 ? a >= operand : (a & operand) !== 0;
}
