/**
 * Logarithm and power of two that are rounded correctly and the same on every machine.
 *
 * `Math.log` and `Math.pow` may differ between engines, and V8's differ from the C library's, and so from scikit-learn's,
 * in the last bit of about every tenth score. Here both are computed as the unevaluated sum of two doubles ("double-double",
 * about 106 bits: Dekker, "A floating-point technique for extending the available precision", 1971) with nothing but
 * `+ - * /`, and rounded once. Before that rounding the relative error is below 2^-95, so a result is the double nearest
 * to the true value except for about one argument in 2^40, whose true value lies that close to the middle of two doubles.
 */

/** The sum `high + low`, where `high` is the double nearest to it. */
interface DoubleDouble {
  readonly high: number;
  readonly low: number;
}

const ONE: DoubleDouble = { high: 1, low: 0 };
const LN_2: DoubleDouble = { high: Math.LN2, low: 2.3190468138462996e-17 };

/** 2^-1021: half of it is still a normal double. */
const SMALLEST_EXACTLY_HALVED = 4.450147717014403e-308;

/**
 * Natural logarithm of `x`, correctly rounded (see above).
 *
 * @param x finite and above 0.
 */
export function ln(x: number): number {
  let mantissa = x;
  let exponent = 0;
  for (; mantissa > Math.SQRT2; mantissa *= 0.5) exponent++;
  for (; mantissa < Math.SQRT1_2; mantissa *= 2) exponent--;
  // ln m = 2 artanh r with r = (m - 1) / (m + 1), |r| < 0.172
  const ratio = divide(twoSum(mantissa, -1), twoSum(mantissa, 1));
  const square = multiply(ratio, ratio);
  let series: DoubleDouble = { high: 0, low: 0 };
  for (let k = ARTANH_COEFFICIENTS.length - 1; k >= 0; k--) {
    series = add(multiply(series, square), ARTANH_COEFFICIENTS[k]);
  }
  const lnOfMantissa = multiply({ high: 2 * ratio.high, low: 2 * ratio.low }, series);
  const { high, low } = add(multiply({ high: exponent, low: 0 }, LN_2), lnOfMantissa);
  return high + low;
}

/**
 * 2 to the power of `x`, correctly rounded (see above). Results below 2^-1022 are rounded a second time; 0 below the
 * smallest double, Infinity above the largest, NaN of NaN.
 */
export function exp2(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x >= 1024) return Number.POSITIVE_INFINITY;
  if (x < -1076) return 0;
  // 2^x = 2^whole * 2^(step / 32) * 2^rest with |rest| <= 1 / 64; all three are exact
  const whole = Math.round(x);
  const step = Math.round((x - whole) * STEPS);
  const rest = x - whole - step / STEPS;
  const { high, low } = multiply(POWERS_OF_STEP[step + STEPS / 2], exp2Near0(rest));
  return scaleByPowerOfTwo(high + low, whole);
}

/** 2^x for |x| <= 1 / 32: the exponential series, whose later terms are small enough for plain doubles. */
function exp2Near0(x: number): DoubleDouble {
  const exponent = multiply({ high: x, low: 0 }, LN_2);
  let tail = 0;
  for (let k = EXPONENTIAL_TERMS; k > PRECISE_TERMS; k--) tail = tail * exponent.high + INVERSE_FACTORIALS[k].high;
  let series: DoubleDouble = { high: tail, low: 0 };
  for (let k = PRECISE_TERMS; k >= 0; k--) series = add(multiply(series, exponent), INVERSE_FACTORIALS[k]);
  return series;
}

/** `x * 2^exponent` for x in `[0.5, 2]`, rounded once if at all. */
function scaleByPowerOfTwo(x: number, exponent: number): number {
  let scaled = x;
  let remaining = exponent;
  for (; remaining > 0; remaining--) scaled *= 2;
  for (; remaining < 0 && scaled > SMALLEST_EXACTLY_HALVED; remaining++) scaled *= 0.5;
  let rest = 1; // what leads below the normal numbers is multiplied at once
  for (; remaining < 0; remaining++) rest *= 0.5;
  return scaled * rest;
}

function twoSum(a: number, b: number): DoubleDouble {
  const high = a + b;
  const addedToA = high - a;
  return { high, low: a - (high - addedToA) + (b - addedToA) };
}

/** Like {@link twoSum}, where `a` is not smaller than `b` in magnitude. */
function quickTwoSum(a: number, b: number): DoubleDouble {
  const high = a + b;
  return { high, low: b - (high - a) };
}

/** The exact product; neither factor may exceed 2^996. */
function twoProduct(a: number, b: number): DoubleDouble {
  const high = a * b;
  const aHigh = upperHalf(a);
  const bHigh = upperHalf(b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return { high, low: aLow * bLow - (high - aHigh * bHigh - aLow * bHigh - aHigh * bLow) };
}

/** The first 26 bits of `a`, rounded (Veltkamp's splitting). */
function upperHalf(a: number): number {
  const shifted = 134217729 * a; // 2^27 + 1
  return shifted - (shifted - a);
}

function add(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const high = twoSum(x.high, y.high);
  const low = twoSum(x.low, y.low);
  const sum = quickTwoSum(high.high, high.low + low.high);
  return quickTwoSum(sum.high, sum.low + low.low);
}

function multiply(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const product = twoProduct(x.high, y.high);
  return quickTwoSum(product.high, product.low + (x.high * y.low + x.low * y.high));
}

function divide(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const first = x.high / y.high;
  const afterFirst = add(x, multiply({ high: -first, low: 0 }, y));
  const second = afterFirst.high / y.high;
  const afterSecond = add(afterFirst, multiply({ high: -second, low: 0 }, y));
  const quotient = quickTwoSum(first, second);
  return add(quotient, { high: afterSecond.high / y.high, low: 0 });
}

/** 1 / 1, 1 / 3, 1 / 5, ...: enough for |r| < 0.172. */
const ARTANH_COEFFICIENTS: readonly DoubleDouble[] = Array.from({ length: 24 }, (_, k) =>
  divide(ONE, { high: 2 * k + 1, low: 0 }),
);

/** Of the terms of the exponential series, the last that is used, and the last that needs more than a double. */
const EXPONENTIAL_TERMS = 14;
const PRECISE_TERMS = 6;

/** 1 / k! for k = 0 .. {@link EXPONENTIAL_TERMS}. */
const INVERSE_FACTORIALS: readonly DoubleDouble[] = inverseFactorials();

function inverseFactorials(): DoubleDouble[] {
  let factorial = 1;
  const inverses = [ONE];
  for (let k = 1; k <= EXPONENTIAL_TERMS; k++) {
    factorial *= k;
    inverses.push(divide(ONE, { high: factorial, low: 0 }));
  }
  return inverses;
}

const STEPS = 32;

/** 2^(step / 32) for step = -16 .. 16. */
const POWERS_OF_STEP: readonly DoubleDouble[] = powersOfStep();

function powersOfStep(): DoubleDouble[] {
  const up = exp2Near0(1 / STEPS);
  const down = exp2Near0(-1 / STEPS);
  const powers = [ONE];
  for (let step = 1; step <= STEPS / 2; step++) {
    powers.push(multiply(powers[powers.length - 1], up));
    powers.unshift(multiply(powers[0], down));
  }
  return powers;
}
