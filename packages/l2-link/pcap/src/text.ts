/** The globals that Node and browsers share, declared here because this floor is compiled without either. */
interface Globals {
  TextEncoder: new () => { encode(text: string): Uint8Array };
  TextDecoder: new () => { decode(bytes: Uint8Array): string };
}

const globals = globalThis as unknown as Globals;
const encoder = new globals.TextEncoder();
const decoder = new globals.TextDecoder();

export function toUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
