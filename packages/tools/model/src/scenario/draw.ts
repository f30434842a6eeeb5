import { seededRandom, type Random } from '@stack/clock';
import { between, chance, maybe, pick } from '../choice.ts';
import { drawPlan } from './draw-plan.ts';
import type { Adversary, Opening, Path, Plan, Scenario } from './scenario.ts';

/** Loss in both directions of a benign run, in which nobody may give up. */
const BENIGN_LOSS = 0.05;
const HARSH_LOSS = 0.3;

/** What the run of this seed does. */
export function drawScenario(seed: number): Scenario {
  const random = seededRandom(seed).fork('scenario');
  const benign = chance(random, 0.5);
  const adversary = benign ? null : maybe(random, 0.6, () => drawAdversary(random));
  const scenario = {
    seed,
    benign,
    adversary,
    opening: drawOpening(random, adversary),
    client: drawPlan(random, benign),
    server: drawPlan(random, benign),
    forth: drawPath(random, benign),
    back: drawPath(random, benign),
    mtu: pick(random, [1500, 1500, 1500, 576, 9000, 300]),
    wrap: pick(random, ['none', 'none', 'unsigned', 'signed'] as const),
  };
  return scenario.opening === 'early'
    ? { ...scenario, client: early(scenario.client), server: early(scenario.server) }
    : scenario;
}

function drawOpening(random: Random, adversary: Adversary | null): Opening {
  if (adversary?.place === 'peer') return 'usual';
  return pick(random, ['usual', 'usual', 'usual', 'usual', 'simultaneous', 'early'] as const);
}

/** Fast Open on both sides, without cookies: a SYN with data is taken from anybody. */
const FASTOPEN_ALL = 0x1 | 0x2 | 0x4 | 0x200 | 0x400;

function early(plan: Plan): Plan {
  return { ...plan, sysctl: { ...plan.sysctl, tcp_fastopen: FASTOPEN_ALL } };
}

function drawAdversary(random: Random): Adversary {
  return {
    place: pick(random, ['peer', 'way']),
    zeal: pick(random, [0.1, 0.5, 0.9]),
    outbursts: between(random, 0, 30),
  };
}

function drawPath(random: Random, benign: boolean): Path {
  const delay = pick(random, [0, 0.05, 1, 10, 60]);
  const loss = maybe(random, 0.6, () => random.fraction() * (benign ? BENIGN_LOSS : HARSH_LOSS)) ?? 0;
  return {
    delay,
    jitter: maybe(random, 0.5, () => random.fraction() * (delay * 2 + 1)) ?? 0,
    loss,
    duplicate: maybe(random, 0.3, () => random.fraction() * 0.2) ?? 0,
    mark: maybe(random, 0.3, () => random.fraction() * 0.3) ?? 0,
    dark: benign ? null : maybe(random, 0.2, () => drawDarkness(random)),
  };
}

function drawDarkness(random: Random): readonly [number, number] {
  const from = between(random, 0, 500);
  return [from, from + pick(random, [20, 300, 3000, 1e9])];
}
