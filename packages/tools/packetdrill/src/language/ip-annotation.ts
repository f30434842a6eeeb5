import { parseBits } from './numbers.ts';
import type { Scanner } from './scanner.ts';
import type { IpAnnotation } from './script.ts';
import { ScriptError, Unsupported } from './script-error.ts';

const ECN: Readonly<Record<string, IpAnnotation['ecn']>> = { noecn: 0, ect1: 1, ect0: 2, ce: 3, ect01: 'ect01' };

/** `[ect0]`, `[tos 0x10]`, `[ttl 5]`, `[noecn, ttl 5]`, `(tos 0x10)`; nothing at all most of the time. */
export function parseIpAnnotation(scanner: Scanner): IpAnnotation {
  const annotation: { -readonly [K in keyof IpAnnotation]: IpAnnotation[K] } = { tos: null, ecn: null, ttl: null };
  for (;;) {
    const close = scanner.accept('[') ? ']' : scanner.accept('(') ? ')' : null;
    if (close === null) return annotation;
    while (!scanner.accept(close)) {
      const word = scanner.expectKind('word').text;
      if (word === 'tos') annotation.tos = parseBits(scanner, 8, word);
      else if (word === 'ttl') annotation.ttl = parseBits(scanner, 8, word);
      else if (Object.hasOwn(ECN, word)) annotation.ecn = ECN[word];
      else if (word === 'flowlabel')
        throw new Unsupported(scanner.line, 'flow labels are of IPv6, which the stack lacks');
      else throw new ScriptError(scanner.line, `there is no annotation '${word}' of a packet`);
      scanner.accept(',');
    }
  }
}
