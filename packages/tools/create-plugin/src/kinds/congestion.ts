import type { Kind } from './kind.ts';

export const congestion: Kind = {
  kind: 'congestion',
  title: 'a congestion control: how fast TCP sends',
  needs: ['plugin', 'tcp'],
  testNeeds: [],
  source: `/*type*/import type { Plugin } from '@stack/plugin';
import { CongestionControls, tcpCongAvoidAi, tcpInSlowStart, tcpIsCwndLimited, tcpSlowStart } from '@stack/tcp';
/*type*/import type { CongestionOps } from '@stack/tcp';

/** Like Reno, but it gives up a quarter of its window at a loss instead of half. */
export const CAMEL/*: CongestionOps */ = {
  name: 'NAME',
  ssthresh: (sk) => Math.max(Math.floor((sk.cc.cwnd * 3) / 4), 2),
  undoCwnd: (sk) => Math.max(sk.cc.cwnd, sk.loss.priorCwnd),
  congAvoid(sk, _ack, acked) {
    if (!tcpIsCwndLimited(sk)) return;
    const left = tcpInSlowStart(sk) ? tcpSlowStart(sk, acked) : acked;
    if (left > 0) tcpCongAvoidAi(sk, sk.cc.cwnd, left);
  },
};

/** Connections may ask for NAME with TCP_CONGESTION. */
export function CAMELControl()/*: Plugin */ {
  return { name: 'NAME', attach: (services) => services.get(CongestionControls).add(CAMEL) };
}
`,
  test: `import { congestionContract } from '@stack/testing';
import { CAMEL } from '../src/index.EXT';

congestionContract('NAME', () => CAMEL);
`,
  example: `const host = lab.host({ name: 'sender', use: [...inet(), CAMELControl()] });
host.get(Tcp).sysctl.tcp_congestion_control = 'NAME';`,
};
