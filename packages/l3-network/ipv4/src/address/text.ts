import { StackError } from '@stack/plugin';

/** An address with the length of its prefix, as in `10.0.0.1/24`. */
export interface Cidr {
  /** int32 in network order; host bits are kept. */
  readonly address: number;
  /** 0 to 32. */
  readonly prefixLength: number;
}

/** `'10.0.0.1'` as int32. Four decimal numbers, nothing else; throws `ERR_STACK_ADDRESS` for the rest. */
export function parseIpv4(text: string): number {
  const parts = text.split('.');
  let address = 0;
  for (const part of parts) {
    const byte = /^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256;
    if (byte > 255 || parts.length !== 4) throw noAddress(text, 'write four numbers from 0 to 255, such as 10.0.0.1');
    address = (address << 8) | byte;
  }
  return address;
}

/** An int32 address as text. */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** `'10.0.0.1/24'`; without a length, 32. Throws `ERR_STACK_ADDRESS`. */
export function parseCidr(text: string): Cidr {
  const slash = text.indexOf('/');
  if (slash < 0) return { address: parseIpv4(text), prefixLength: 32 };
  const length = text.slice(slash + 1);
  const prefixLength = /^\d{1,2}$/.test(length) ? Number(length) : 33;
  if (prefixLength > 32) throw noAddress(text, 'write a prefix length from 0 to 32, such as 10.0.0.1/24');
  return { address: parseIpv4(text.slice(0, slash)), prefixLength };
}

function noAddress(text: string, remedy: string): StackError {
  return new StackError('ERR_STACK_ADDRESS', `'${text}' is no IPv4 address`, remedy);
}
