import type { Kind } from './kind.ts';

export const protocol: Kind = {
  kind: 'protocol',
  title: 'a protocol over IPv4: its packets, by their number',
  needs: ['ipv4', 'plugin', 'skb'],
  testNeeds: ['neigh', 'netdev', 'netfilter', 'sock'],
  source: `import { InetProtocols, IpOutput } from '@stack/ipv4';
/*type*/import type { Plugin } from '@stack/plugin';
import { DropReason } from '@stack/skb';

/** For experiments (RFC 3692). */
export const PROTOCOL = 253;
/** A kind of message, and what it is about. */
const HEADER = 2;
const QUESTION = 1;
const ANSWER = 2;

/** Answers every question with what was asked. */
export function CAMEL()/*: Plugin */ {
  return {
    name: 'NAME',
    attach(services) {
      const output = services.get(IpOutput);
      return services.get(InetProtocols).add(PROTOCOL, {
        name: 'NAME',
        netnsOk: true,
        noPolicy: false,
        handler(skb) {
          if (!skb.mayPull(HEADER)) {
            skb.drop(DropReason.PKT_TOO_SMALL);
            return 0;
          }
          if (skb.u8(0) === QUESTION) {
            const reply = skb.pool.alloc(output.maxHeader + HEADER);
            if (reply !== null) {
              reply.reserve(output.maxHeader);
              reply.put(HEADER);
              reply.setU8(0, ANSWER);
              reply.setU8(1, skb.u8(1));
              output.sendUnicastReply(skb, reply, PROTOCOL, 0);
            }
          }
          skb.consume();
          return 0;
        },
      });
    },
  };
}
`,
  test: `import { protocolContract } from '@stack/testing';
import { CAMEL, PROTOCOL } from '../src/index.EXT';

protocolContract('NAME', PROTOCOL, CAMEL, { packets: [Uint8Array.of(1, 42), Uint8Array.of(2, 42)] });
`,
  example: `const host = lab.host({ name: 'oracle', use: [...inet(), CAMEL()] });`,
};
