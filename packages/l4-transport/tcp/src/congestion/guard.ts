import { contractError, type Faults, type Undo } from '@stack/plugin';
import type { TcpSock } from '../sock.ts';
import type { CongestionOps } from './ops.ts';
import { reno, tcpRenoCongAvoid, tcpRenoSsthresh, tcpRenoUndoCwnd } from './reno.ts';

type Told<A, B> = (sk: TcpSock, a: A, b: B) => void;

/** Calls a congestion control; one that throws, or sets a window that is none, is taken out: its sockets go on with reno. */
export function guardCongestion(ops: CongestionOps, faults: Faults, undo: Undo): CongestionOps {
  const part = faults.part(`congestion control ${ops.name}`);
  let failed = false;
  const fall = (sk: TcpSock): void => {
    sk.cc.ops = reno;
    sk.cc.priv = null;
  };
  const fail = (sk: TcpSock, cwnd: number, error: unknown): void => {
    faults.passOn(error);
    failed = true;
    undo();
    sk.cc.cwnd = isWindow(sk.cc.cwnd) ? sk.cc.cwnd : cwnd;
    sk.cc.ssthresh = isWindow(sk.cc.ssthresh) ? sk.cc.ssthresh : cwnd;
    fall(sk);
    faults.report(part, error);
  };
  /** Without a result; `otherwise` is what reno does there. No call has more than two arguments besides the socket. */
  const told = <A, B>(act: Told<A, B> | undefined, otherwise?: Told<A, B>): Told<A, B> | undefined =>
    act &&
    ((sk, a, b) => {
      const { cwnd } = sk.cc;
      try {
        if (!failed) {
          act.call(ops, sk, a, b);
          mustBeWindow('cwnd', sk.cc.cwnd);
          return;
        }
        fall(sk);
      } catch (error) {
        fail(sk, cwnd, error);
      }
      otherwise?.(sk, a, b);
    });
  const asked = (name: string, ask: (sk: TcpSock) => number, otherwise: (sk: TcpSock) => number) => {
    return (sk: TcpSock): number => {
      const { cwnd } = sk.cc;
      try {
        if (!failed) return mustBeWindow(name, ask.call(ops, sk));
        fall(sk);
      } catch (error) {
        fail(sk, cwnd, error);
      }
      return otherwise(sk);
    };
  };
  return {
    name: ops.name,
    needsEcn: ops.needsEcn,
    init: told(ops.init) as CongestionOps['init'],
    release: told(ops.release) as CongestionOps['release'],
    ssthresh: asked('ssthresh', ops.ssthresh, tcpRenoSsthresh),
    congAvoid: told(ops.congAvoid, tcpRenoCongAvoid)!,
    undoCwnd: asked('undoCwnd', ops.undoCwnd, tcpRenoUndoCwnd),
    setState: told(ops.setState) as CongestionOps['setState'],
    cwndEvent: told(ops.cwndEvent) as CongestionOps['cwndEvent'],
    pktsAcked: told(ops.pktsAcked) as CongestionOps['pktsAcked'],
    inAckEvent: told(ops.inAckEvent) as CongestionOps['inAckEvent'],
    congControl: told(ops.congControl) as CongestionOps['congControl'],
    sndbufExpand: ops.sndbufExpand && asked('sndbufExpand', ops.sndbufExpand, () => 2),
    getInfo: ops.getInfo && ((sk) => ops.getInfo!(sk)),
    minTsoSegs: ops.minTsoSegs && asked('minTsoSegs', ops.minTsoSegs, () => 2),
  };
}

/** Whole segments, one at least. */
function isWindow(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

function mustBeWindow(name: string, value: number): number {
  if (isWindow(value)) return value;
  throw contractError(`${name} is ${String(value)}`, 'give whole segments, 1 or more');
}
