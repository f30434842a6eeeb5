import { EINVAL, EPERM } from '@stack/plugin';
import { SkbPool } from '@stack/skb';
import { SOCK_STREAM } from '@stack/sock';
import { machine } from '@stack/testing';
import { expect, test } from 'vitest';
import { bpfFilter, SO_ATTACH_FILTER, SO_LOCK_FILTER, SOL_SOCKET, type BpfInstruction } from '../src/index.ts';
import { puppetHost } from './puppet.ts';

const [RET, RET_A] = [0x06, 0x16];
const [LD_W, LD_H, LD_B, LD_B_IND, LD_LEN, LD_IMM, LD_MEM] = [0x20, 0x28, 0x30, 0x50, 0x80, 0x00, 0x60];
const [LDX_IMM, LDX_MSH, LDX_MEM, ST, STX, TAX, TXA] = [0x01, 0xb1, 0x61, 0x02, 0x03, 0x07, 0x87];
const [ADD, SUB, MUL, DIV, OR, AND, LSH, RSH, NEG, MOD, XOR] = [
  4, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0x84, 0x94, 0xa4,
];
const [JA, JEQ, JGT, JGE, JSET, X] = [5, 0x15, 0x25, 0x35, 0x45, 8];

const op = (code: number, k = 0, jt = 0, jf = 0): BpfInstruction => ({ code, jt, jf, k: k >>> 0 });

/** What a program says of a packet with these bytes. */
function verdict(program: readonly BpfInstruction[], ...bytes: number[]): number {
  const { arena } = machine();
  const skb = new SkbPool(arena).alloc(256)!;
  skb.reserve(64);
  skb.putData(Uint8Array.from(bytes));
  skb.networkHeader = skb.data;
  skb.pull(4);
  const answer = bpfFilter(program)!(skb);
  skb.consume();
  return answer;
}

test.each([
  ['a constant', [op(RET, 7)], 7],
  ['a word', [op(LD_W, 0), op(RET_A)], 0x05060708],
  ['a half', [op(LD_H, 1), op(RET_A)], 0x0607],
  ['a byte of the network header', [op(LD_B, -0x100000 + 1), op(RET_A)], 2],
  ['a byte behind X', [op(LDX_IMM, 2), op(LD_B_IND, 1), op(RET_A)], 8],
  ['the length', [op(LD_LEN), op(RET_A)], 4],
  ['the length of a header', [op(LDX_MSH, 0), op(TXA), op(RET_A)], 20],
  ['memory', [op(LD_IMM, 9), op(ST, 3), op(LDX_MEM, 3), op(STX, 4), op(LD_MEM, 4), op(RET_A)], 9],
  ['a packet that is too short', [op(LD_W, 1), op(RET, 5)], 0],
  ['what is in front of all headers', [op(LD_B, -0x200000), op(RET, 5)], 0],
  ['the protocol', [op(LD_W, -0x1000), op(RET_A)], 0],
  ['what nobody knows', [op(LD_W, -0x1000 + 52), op(RET, 5)], 0],
])('%s', (_, program, answer) => {
  expect(verdict(program, 1, 2, 3, 4, 5, 6, 7, 8)).toBe(answer);
});

test.each([
  [ADD, 7], [SUB, 3], [MUL, 10], [DIV, 2], [OR, 7], [AND, 0], [LSH, 20], [RSH, 1], [MOD, 1], [XOR, 7], [NEG, 2 ** 32 - 5],
])('5 by %i and 2 is %i, also when 2 is in X', (code, result) => {
  expect(verdict([op(LD_IMM, 5), op(code, 2), op(RET_A)], 0, 0, 0, 0)).toBe(result);
  expect(verdict([op(LDX_IMM, 2), op(LD_IMM, 5), op(code | X), op(RET_A)], 0, 0, 0, 0)).toBe(result);
}); // prettier-ignore

test.each([[JEQ, 5, true], [JGT, 5, false], [JGE, 5, true], [JSET, 4, true], [JSET, 2, false], [JEQ, 4, false]])(
  'jump %i of 5 and %i: %s',
  (code, k, holds) => {
    const program = [op(LD_IMM, 5), op(code, k, 1, 0), op(RET, 0), op(JA, 1), op(RET, 1), op(RET, 2)];
    expect(verdict(program, 0, 0, 0, 0)).toBe(holds ? 2 : 0);
  },
); // prettier-ignore

test('division by an X of 0 ends the program', () => {
  expect(verdict([op(LD_IMM, 0), op(TAX), op(LD_IMM, 5), op(DIV | X), op(RET, 1)], 0, 0, 0, 0)).toBe(0);
});

test.each([
  ['nothing', []],
  ['without an end', [op(LD_IMM, 1)]],
  ['a jump beyond the end', [op(JEQ, 1, 1, 0), op(RET)]],
  ['a far jump', [op(JA, 1), op(RET)]],
  ['division by 0', [op(DIV, 0), op(RET)]],
  ['a shift of 32 bits', [op(LSH, 32), op(RET)]],
  ['memory that is not there', [op(ST, 16), op(RET)]],
  ['a code of no meaning', [op(0x106), op(RET)]],
])('no program: %s', (_, program) => {
  expect(bpfFilter(program)).toBeNull();
});

test('as bytes, unless the filter is locked', () => {
  const { calls, made } = puppetHost();
  const file = calls.create(SOCK_STREAM);
  const attach = (...bytes: number[]): number => file.setOption(SOL_SOCKET, SO_ATTACH_FILTER, Uint8Array.from(bytes));
  expect([attach(6, 0, 0, 0, 9, 0, 0), attach(0, 0, 0, 0, 9, 0, 0, 0)]).toEqual([-EINVAL, -EINVAL]);
  expect([attach(6, 0, 0, 0, 9, 1, 0, 0), made[0].settings.filter === null]).toEqual([0, false]);
  file.setOption(SOL_SOCKET, SO_LOCK_FILTER, 1);
  expect(attach(6, 0, 0, 0, 9, 0, 0, 0)).toBe(-EPERM);
});
