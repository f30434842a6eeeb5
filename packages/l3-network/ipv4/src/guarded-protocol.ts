import type { Faults, Undo } from '@stack/plugin';
import { dropFaulty, type SkBuff } from '@stack/skb';
import type { NetProtocol } from './inet-protocols.ts';

/** Calls a protocol; one that throws is taken out, with its packet dropped. */
export function guardProtocol(protocol: NetProtocol, faults: Faults, undo: Undo): NetProtocol {
  const part = faults.part(`protocol ${protocol.name}`);
  const fail = (error: unknown): void => {
    faults.passOn(error);
    undo();
    faults.report(part, error);
  };
  return {
    name: protocol.name,
    netnsOk: protocol.netnsOk,
    noPolicy: protocol.noPolicy,
    handler(skb: SkBuff): number {
      const { id, users, pool } = skb;
      try {
        return protocol.handler(skb);
      } catch (error) {
        dropFaulty(skb, id, users, pool);
        fail(error);
        return 0;
      }
    },
    errHandler:
      protocol.errHandler &&
      ((skb, type, code, info) => {
        try {
          protocol.errHandler!(skb, type, code, info);
        } catch (error) {
          fail(error);
        }
      }),
    earlyDemux:
      protocol.earlyDemux &&
      ((skb) => {
        try {
          protocol.earlyDemux!(skb);
        } catch (error) {
          fail(error);
        }
      }),
  };
}
