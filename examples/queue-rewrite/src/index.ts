import {
  NF_ACCEPT,
  NF_INET_LOCAL_IN,
  NF_IP_PRI_MANGLE,
  NF_QUEUE_NR,
  NF_VERDICT_FLAG_QUEUE_BYPASS,
  NetfilterHooks,
} from '@stack/netfilter';
import type { Plugin } from '@stack/plugin';
import { ip } from '@stack/skb';

const UDP_HEADER = 8;

export interface RewriteOptions {
  /** The UDP port whose datagrams are rewritten. */
  readonly port: number;
  /** What becomes of a text: now, or after asking somebody. */
  readonly rewrite: (text: string) => string | Promise<string>;
  /** Number of the queue, 7 unless given. */
  readonly queue?: number;
}

/** Sends the text of datagrams to a port through a function, which may take its time. Other packets do not wait for it. */
export function rewriteText({ port, rewrite, queue = 7 }: RewriteOptions): Plugin {
  return {
    name: 'rewrite-text',
    attach(services) {
      const hooks = services.get(NetfilterHooks);
      const handler = hooks.userQueue(
        queue,
        async ({ bytes }) => {
          const at = (bytes[0]! & 15) * 4 + UDP_HEADER;
          const text = await rewrite(new TextDecoder().decode(bytes.subarray(at)));
          const payload = new TextEncoder().encode(text);
          const rewritten = new Uint8Array(at + payload.length);
          rewritten.set(bytes.subarray(0, at));
          rewritten.set(payload, at);
          return { bytes: rewritten }; // lengths and checksums are made right
        },
        { limit: 100, failOpen: true },
      );
      const undo = hooks.register({
        name: 'rewrite-text',
        hook: NF_INET_LOCAL_IN,
        priority: NF_IP_PRI_MANGLE,
        fn(skb) {
          const transport = ip.headerLength(skb);
          if (ip.protocol(skb) !== ip.PROTO_UDP || ip.isFragment(skb) || !skb.mayPull(transport + UDP_HEADER)) {
            return NF_ACCEPT;
          }
          if (skb.u16(transport + 2) !== port) return NF_ACCEPT;
          return NF_QUEUE_NR(queue) | NF_VERDICT_FLAG_QUEUE_BYPASS;
        },
      });
      return () => {
        undo();
        handler.close();
      };
    },
  };
}
