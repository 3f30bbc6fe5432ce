/**
 * Calibration makes surprises of different signals one thing: how rarely this signal was so surprising in training, as
 * -log10 of episodes per device and day. 2 is once in a hundred days of one device.
 *
 * Training gives the largest surprise of every hour of every device. Their ranks give rates as far as there are ranks;
 * beyond the third largest the rate goes on falling as it fell from there, but more and more slowly.
 */

/** What is smaller than so many others says nothing. */
export const LAST_RANK = 30;
/** Ranks of the largest hourly surprises of which the value is kept. */
const RANKS = [3, 5, 10, 20, LAST_RANK] as const;
/** How much the calibrated value grows with the surprise beyond the ranks, at least and at most. */
const SLOPE = { least: 0.05, most: 0.6, ofFew: 0.3, ofNothing: 0.6 };
/** Beyond so much above the last rank, only the logarithm counts: nobody can know how rare that is. */
const SURE = 4;
/** With fewer hours than this that had any surprise, the slope cannot be told. */
const FEW = 10;

export interface Calibration {
  /** Surprises by {@link RANKS}, falling; 0 where there were not so many. */
  readonly knots: readonly number[];
  readonly slope: number;
}

/** Of a signal that training never saw. */
export const UNSEEN: Calibration = { knots: RANKS.map(() => 0), slope: SLOPE.ofNothing };

/** @param hourly the largest surprises of single hours of single devices, those above 0, in any order; is sorted. */
export function calibrate(hourly: number[]): Calibration {
  hourly.sort((a, b) => b - a);
  const knots = RANKS.map((rank) => hourly[rank - 1] ?? 0);
  return { knots, slope: slopeOf(hourly, knots) };
}

function slopeOf(hourly: readonly number[], knots: readonly number[]): number {
  if (hourly.length < RANKS[0]) return SLOPE.ofNothing;
  if (hourly.length < FEW) return SLOPE.ofFew;
  const last = Math.min(LAST_RANK, hourly.length);
  const [third = 0] = knots;
  const fall = third - (hourly[last - 1] ?? 0);
  if (fall <= 0) return SLOPE.ofFew;
  return Math.min(SLOPE.most, Math.max(SLOPE.least, Math.log10(last / RANKS[0]) / fall));
}

/**
 * @param deviceDays of training: so many days of so many devices.
 * @returns -log10 of episodes per device and day; below the last rank, what is no news: 0 or little more.
 */
export function calibrated(surprise: number, { knots, slope }: Calibration, deviceDays: number): number {
  if (surprise <= 0) return 0;
  const [third = 0] = knots;
  if (surprise >= third) {
    const beyond = slope * (surprise - third);
    const counted = beyond < SURE ? beyond : SURE + 2 * Math.log1p((beyond - SURE) / 2);
    return rateOf(RANKS[0], deviceDays) + counted;
  }
  for (let at = 1; at < RANKS.length; at += 1) {
    const [above, below] = [knots[at - 1] ?? 0, knots[at] ?? 0];
    if (surprise < below) continue;
    const share = above > below ? (surprise - below) / (above - below) : 1;
    const low = rateOf(RANKS[at] ?? 1, deviceDays);
    return Math.max(0, low + share * (rateOf(RANKS[at - 1] ?? 1, deviceDays) - low));
  }
  return 0;
}

function rateOf(rank: number, deviceDays: number): number {
  return -Math.log10(rank / deviceDays);
}
