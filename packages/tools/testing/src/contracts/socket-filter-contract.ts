import { ip, Skbs, tcp, udp, type SkBuff } from '@stack/skb';
import type { SocketFilter } from '@stack/sock';
import { describe, expect, test } from 'vitest';
import { ipHost } from './ip-host.ts';
import { readerTests, type ReaderOptions } from './readers.ts';
import type { Sample } from './samples.ts';

/**
 * What every socket filter has to do, as tests: it says how many bytes of each packet the socket hears, only reads, and
 * allocates nothing.
 *
 * ```ts
 * socketFilterContract('only-from', () => onlyFrom([parseIpv4('10.0.0.2')]));
 * ```
 */
export function socketFilterContract(name: string, make: () => SocketFilter, options: ReaderOptions = {}): void {
  describe(`the socket filter ${name}`, () => {
    test('is a function of a packet', () => {
      const filter = make();
      expect(filter).toBeTypeOf('function');
      expect(filter.length, 'it is called with the packet alone').toBeLessThan(2);
    });

    readerTests(
      async () => {
        const host = await ipHost([]);
        return { host, pool: host.get(Skbs), readers: [{ name: `socket filter ${name}`, ask: make(), place }] };
      },
      (answer) =>
        Number.isInteger(answer) && (answer as number) >= 0 ? null : 'whole bytes that the socket hears, 0 for none',
      options,
      reachesSockets,
    );
  });
}

/** As TCP and UDP ask: `data` at the transport header, which is linear. */
function place(skb: SkBuff): void {
  const header = ip.headerLength(skb);
  skb.mayPull(header + (ip.protocol(skb) === ip.PROTO_TCP ? tcp.LENGTH : udp.LENGTH));
  skb.pull(header);
}

/** Sockets hear of whole packets of their protocol. */
function reachesSockets([, frame]: Sample): boolean {
  const protocol = frame[23]!;
  const fragment = (((frame[20]! << 8) | frame[21]!) & 0x3fff) !== 0;
  const least = protocol === ip.PROTO_TCP ? tcp.LENGTH : protocol === ip.PROTO_UDP ? udp.LENGTH : Infinity;
  return !fragment && frame.length >= 14 + (frame[14]! & 15) * 4 + least;
}
