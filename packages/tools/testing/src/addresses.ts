/** Addresses as people write them, and as bytes. */

/** `'02:00:00:00:00:01'` to six bytes. */
export function macBytes(text: string): Uint8Array {
  const parts = text.split(':').map((part) => Number.parseInt(part, 16));
  if (parts.length !== 6 || parts.some((part) => !(part >= 0 && part <= 255)))
    throw new Error(`no MAC address: ${text}`);
  return Uint8Array.from(parts);
}

export function macText(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** `'10.0.0.1'` to four bytes. */
export function ipBytes(text: string): Uint8Array {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255)))
    throw new Error(`no IPv4 address: ${text}`);
  return Uint8Array.from(parts);
}

export function ipText(bytes: Uint8Array): string {
  return bytes.join('.');
}

/** `'10.0.0.1'` as the stack holds it: 0x0a000001, an int32. */
export function ipNumber(text: string): number {
  return new DataView(ipBytes(text).buffer).getInt32(0);
}
