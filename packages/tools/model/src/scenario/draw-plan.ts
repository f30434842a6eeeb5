import type { Random } from '@stack/clock';
import * as tcp from '@stack/tcp';
import { anySize, between, chance, maybe, pick } from '../choice.ts';
import type { Act, Plan, SocketOption } from './scenario.ts';

const LARGEST = 30_000;
const LEAST_BENIGN = 20_000;

/** What one side does. In a benign run it does nothing that ends the connection early. */
export function drawPlan(random: Random, benign: boolean): Plan {
  const bytes = chance(random, 0.15) ? 0 : anySize(random, LARGEST);
  // A transfer takes tens of pieces and gulps, not thousands.
  const piece = Math.max(anySize(random, 20_000), bytes >> 5);
  const gulp = Math.max(anySize(random, 30_000), 1000);
  const options = Array.from({ length: between(random, 0, 4) }, () => drawOption(random, benign));
  return {
    sysctl: drawSysctl(random, benign),
    options,
    congestion: pick(random, ['cubic', 'cubic', 'reno', 'bbr', 'dctcp']),
    bytes,
    piece,
    writeEvery: pick(random, [0, 0, 0, 1, 30]),
    more: pick(random, [0, 0, 0.3, 1]),
    urgent: pick(random, [0, 0, 0, 0.2]),
    gulp,
    readEvery: pick(random, [0, 0, 0, 1, 50]),
    readFrom: pick(random, [0, 0, 0, 100, 1500]),
    finish: benign ? 'shutdown' : pick(random, ['shutdown', 'shutdown', 'close', 'wait'] as const),
    acts: drawActs(random, benign),
  };
}

function drawSysctl(random: Random, benign: boolean): Plan['sysctl'] {
  const rarely = (): boolean => chance(random, 0.2);
  return {
    tcp_timestamps: !rarely(),
    tcp_sack: !rarely(),
    tcp_dsack: !rarely(),
    tcp_window_scaling: !rarely(),
    tcp_moderate_rcvbuf: !rarely(),
    tcp_autocorking: !rarely(),
    // Who sends cookies keeps nothing, and takes data that overtook the handshake's ACK for an attack.
    tcp_syncookies: pick(random, benign ? [1, 0] : [1, 1, 0, 2]),
    tcp_ecn: pick(random, [2, 2, 1, 0, 3, 4, 5]),
    tcp_recovery: pick(random, [1, 1, 1, 0]),
    tcp_early_retrans: pick(random, [3, 3, 3, 0]),
    tcp_frto: pick(random, [2, 2, 0]),
    tcp_mtu_probing: pick(random, [0, 0, 0, 1, 2]),
    tcp_slow_start_after_idle: !rarely(),
    tcp_no_metrics_save: rarely(),
    tcp_tw_reuse: pick(random, [2, 1, 0]),
  };
}

function drawOption(random: Random, benign: boolean): SocketOption {
  const kinds = benign ? 9 : 13;
  switch (random.below(kinds)) {
    case 0:
      return { kind: 'sndbuf', value: anySize(random, 100_000) };
    case 1:
      // In a buffer that has no room for a segment, a transfer takes longer than an orphan has patience.
      return { kind: 'rcvbuf', value: Math.max(anySize(random, 100_000), benign ? LEAST_BENIGN : 1) };
    case 2:
      return { kind: 'tcp', name: tcp.TCP_NODELAY, value: random.below(2) };
    case 3:
      return { kind: 'tcp', name: tcp.TCP_MAXSEG, value: between(random, 88, 1460) };
    case 4:
      return { kind: 'tcp', name: tcp.TCP_WINDOW_CLAMP, value: between(random, 1, 40_000) };
    case 5:
      return { kind: 'tcp', name: tcp.TCP_QUICKACK, value: random.below(2) };
    case 6:
      return { kind: 'tcp', name: tcp.TCP_NOTSENT_LOWAT, value: anySize(random, 20_000) };
    case 7:
      return { kind: 'pacing', value: between(random, 20_000, 10_000_000) };
    case 8:
      return { kind: 'tcp', name: tcp.TCP_INQ, value: 1 };
    case 9:
      return { kind: 'tcp', name: tcp.TCP_USER_TIMEOUT, value: anySize(random, 20_000) };
    case 10:
      return { kind: 'keepalive' };
    case 11:
      return { kind: 'linger' };
    default:
      return { kind: 'tcp', name: tcp.TCP_LINGER2, value: between(random, -1, 100) };
  }
}

function drawActs(random: Random, benign: boolean): Act[] {
  const count = pick(random, [0, 0, 1, 2, 4]);
  return Array.from({ length: count }, () => drawAct(random, benign));
}

const GENTLE = ['option', 'peek'] as const;
const ROUGH = [...GENTLE, 'close', 'abort', 'disconnect', 'end-writing', 'end-reading', 'end-both'] as const;

function drawAct(random: Random, benign: boolean): Act {
  const what = pick<Act['what']>(random, benign ? GENTLE : ROUGH);
  const at = Math.floor(2 ** (random.fraction() * 12)); // 1 ms to 4 s
  return what === 'option' ? { at, what, option: corkOr(random, benign) } : { at, what };
}

/** Cork is for programs that uncork; TCP lets the rest go after a while all the same. */
function corkOr(random: Random, benign: boolean): SocketOption {
  const cork = maybe(random, 0.3, () => ({ kind: 'tcp' as const, name: tcp.TCP_CORK, value: random.below(2) }));
  return cork ?? drawOption(random, benign);
}
