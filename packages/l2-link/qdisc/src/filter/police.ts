import type { NetDevice, PacketAction } from '@stack/netdev';
import { qdiscPktLen, TC_ACT_OK, TC_ACT_PIPE, TC_ACT_SHOT } from '@stack/netdev';
import { described } from './actions.ts';
import { badOption, onlyNames, type Names } from '../base/options.ts';
import { RateConfig, type LinkOverhead } from '../base/rate.ts';
import { bytesOf, bytesPerSecond, formatRate, formatSize, type Rate, type Size } from '../base/units.ts';

/** What becomes of a packet: dropped, let through, or shown to the next action. */
export type PoliceVerdict = 'drop' | 'ok' | 'pipe';

export interface PoliceOptions extends LinkOverhead {
  rate: Rate;
  /** Bytes that may come at once. */
  burst: Size;
  /** A rate that is never exceeded, not even within the burst. */
  peakrate?: Rate;
  /** Packets above this many bytes exceed the rate in any case; with `peakrate` it is its burst. */
  mtu?: Size;
  /** For packets within the rate; `ok` unless given. */
  conform?: PoliceVerdict;
  /** For those beyond it; `drop` unless given. */
  exceed?: PoliceVerdict;
}

/** A policer, with what it counted. */
export interface Police extends PacketAction {
  readonly statistics: { packets: number; bytes: number; overlimits: number };
}

const NAMES: Names<PoliceOptions> = {
  rate: true, burst: true, peakrate: true, mtu: true, conform: true, exceed: true, overhead: true, mpu: true, linklayer: true,
}; // prettier-ignore
const VERDICTS: Record<PoliceVerdict, number> = { drop: TC_ACT_SHOT, ok: TC_ACT_OK, pipe: TC_ACT_PIPE };
const VERDICTS_TEXT: Record<PoliceVerdict, string> = { drop: 'drop', ok: 'pass', pipe: 'pipe' };

/**
 * Tells packets beyond a rate from those within it. Nothing waits: what exceeds the rate is dropped, unless said otherwise.
 * One policer that several filters share polices them together.
 *
 * ```ts
 * tc(eth0).filter.add({ parent: 'ffff:', actions: [police({ rate: '1mbit', burst: '10k' })] });
 * ```
 *
 * @kernel net/sched/act_police.c tcf_police_act()
 */
export function police(options: PoliceOptions): Police {
  onlyNames('police', NAMES, options);
  const { conform = 'ok', exceed = 'drop', peakrate } = options;
  if (peakrate !== undefined && options.mtu === undefined) {
    throw badOption('police', 'a peakrate without mtu', 'give the mtu, which is its burst');
  }
  const rate = new RateConfig(bytesPerSecond(options.rate), options);
  const peak = peakrate === undefined ? null : new RateConfig(bytesPerSecond(peakrate), options);
  const longest = options.mtu === undefined ? Infinity : bytesOf(options.mtu);
  const burst = rate.timeOf(bytesOf(options.burst));
  const peakBurst = peak === null ? 0 : peak.timeOf(longest);
  const bucket = { tokens: burst, peakTokens: peakBurst, last: 0 };
  const statistics = { packets: 0, bytes: 0, overlimits: 0 };
  const act: PacketAction = (skb) => {
    const bytes = qdiscPktLen(skb);
    statistics.packets++;
    statistics.bytes += bytes;
    if (bytes <= longest) {
      const now = (skb.dev as NetDevice).core.clock.now();
      const passed = Math.min(now - bucket.last, burst);
      const tokens = Math.min(bucket.tokens + passed, burst) - rate.timeOf(bytes);
      const peakTokens = peak === null ? 0 : Math.min(bucket.peakTokens + passed, peakBurst) - peak.timeOf(bytes);
      if (tokens >= 0 && peakTokens >= 0) {
        bucket.tokens = tokens;
        bucket.peakTokens = peakTokens;
        bucket.last = now;
        return VERDICTS[conform];
      }
    }
    statistics.overlimits++;
    return VERDICTS[exceed];
  };
  return Object.assign(
    described(act, () => policeText(options, rate, peak)),
    { statistics },
  );
}

/** @kernel tc/m_police.c print_police() */
function policeText(options: PoliceOptions, rate: RateConfig, peak: RateConfig | null): string {
  const { conform = 'ok', exceed = 'drop', mtu } = options;
  const words = [`police rate ${formatRate(rate.rate)} burst ${formatSize(bytesOf(options.burst))}`];
  if (mtu !== undefined) words.push(`mtu ${formatSize(bytesOf(mtu))}`);
  if (peak !== null) words.push(`peakrate ${formatRate(peak.rate)}`);
  words.push(`action ${VERDICTS_TEXT[exceed]}${conform === 'ok' ? '' : `/${VERDICTS_TEXT[conform]}`}`);
  words.push(`overhead ${rate.overhead}b`);
  if (rate.linklayer !== 'ethernet') words.push(`linklayer ${rate.linklayer}`);
  return words.join(' ');
}
