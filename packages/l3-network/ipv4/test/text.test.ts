import { formatIpv4, parseCidr, parseIpv4 } from '@stack/ipv4';
import { StackError } from '@stack/plugin';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';

test('addresses are int32 in network order', () => {
  expect(parseIpv4('10.0.0.1')).toBe(0x0a000001);
  expect(parseIpv4('255.255.255.255')).toBe(-1);
  expect(parseIpv4('0.0.0.0')).toBe(0);
  expect(parseIpv4('192.168.1.2')).toBe(0xc0a80102 | 0);
});

test('text and number are the same address', () => {
  fc.assert(fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (n) => parseIpv4(formatIpv4(n)) === n));
});

test.each([
  '',
  '1',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '1.2.3.-4',
  '01.2.3.4',
  '1.2.3.4 ',
  '1..2.3',
  'a.b.c.d',
  '1.2.3.4e0',
  '::1',
])('%j is no address', (text) => {
  expect(() => parseIpv4(text)).toThrow(StackError);
  expect(() => parseIpv4(text)).toThrow(expect.objectContaining({ code: 'ERR_STACK_ADDRESS' }));
});

test('a prefix length follows a slash, and is 32 without one', () => {
  expect(parseCidr('10.1.2.3/8')).toEqual({ address: 0x0a010203, prefixLength: 8 });
  expect(parseCidr('10.1.2.3')).toEqual({ address: 0x0a010203, prefixLength: 32 });
  expect(parseCidr('0.0.0.0/0')).toEqual({ address: 0, prefixLength: 0 });
  for (const bad of ['10.0.0.1/33', '10.0.0.1/', '10.0.0.1/-1', '10.0.0.1/8/8', '/8']) {
    expect(() => parseCidr(bad)).toThrow(expect.objectContaining({ code: 'ERR_STACK_ADDRESS' }));
  }
});
