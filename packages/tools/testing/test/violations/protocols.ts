/** Protocols that break their contract, one way each; run by violations.test.ts. */
import { InetProtocols, type NetProtocol } from '@stack/ipv4';
import type { SkBuff } from '@stack/skb';
import { protocolContract } from '@stack/testing';

const PACKET = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

function protocol(name: string, wrong: Partial<NetProtocol>, undo = true): void {
  const right: NetProtocol = { name, netnsOk: true, noPolicy: true, handler: (skb) => (skb.consume(), 0), ...wrong };
  const attach = (off: () => void) => (undo ? off : () => {});
  protocolContract(
    name,
    253,
    () => ({ name, attach: (services) => attach(services.get(InetProtocols).add(253, right)) }),
    { packets: [PACKET] },
  );
}

const kept: SkBuff[] = [];

protocol('leaking', { handler: (skb) => kept.push(skb) });
protocol('throwing', {
  handler: (skb) => {
    skb.pull(8); // without mayPull
    skb.consume();
    return 0;
  },
});
protocol('without undo', {}, false);
protocol('freeing errors', { errHandler: (skb) => skb.consume() });
protocol('writing into errors', { errHandler: (skb) => skb.setU8(0, 0) });
protocol('all right', {});
