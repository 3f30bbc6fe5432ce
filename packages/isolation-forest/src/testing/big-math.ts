/**
 * Logarithm and power of two from plain series over big integers: slow, and unlike `exact-math.ts` in every step. Numbers
 * are fixed-point with {@link BITS} bits behind the point.
 */

const BITS = 260n;
const ONE = 1n << BITS;
const LN_2 = 2n * artanh(ONE / 3n);

/** Natural logarithm of a positive double, rounded to the nearest double. */
export function exactLn(x: number): number {
  const { mantissa, exponent } = split(x);
  const m = mantissa << (BITS - 52n); // in [1, 2)
  const ratio = ((m - ONE) << BITS) / (m + ONE);
  return toDouble(2n * artanh(ratio) + BigInt(exponent) * LN_2, 0);
}

/** 2 to the power of x in `[-1022, 1024)`, rounded to the nearest double. */
export function exactExp2(x: number): number {
  const whole = Math.floor(x);
  const part = fixed(x) - (BigInt(whole) << BITS);
  const exponent = (part * LN_2) >> BITS;
  let sum = ONE;
  let term = ONE;
  for (let k = 1n; term !== 0n; k++) {
    term = ((term * exponent) >> BITS) / k;
    sum += term;
  }
  return toDouble(sum, whole);
}

function artanh(x: bigint): bigint {
  const square = (x * x) >> BITS;
  let sum = 0n;
  let power = x;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power = (power * square) >> BITS;
  }
  return sum;
}

function fixed(x: number): bigint {
  const { mantissa, exponent } = split(Math.abs(x));
  const shift = BITS - 52n + BigInt(exponent);
  const magnitude = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return x < 0 ? -magnitude : magnitude;
}

/** A normal double as `mantissa * 2^(exponent - 52)` with a mantissa of 53 bits. */
function split(x: number): { mantissa: bigint; exponent: number } {
  const bits = new BigUint64Array(Float64Array.of(x).buffer)[0];
  return { mantissa: (bits & 0xfffffffffffffn) | 0x10000000000000n, exponent: Number(bits >> 52n) - 1023 };
}

/** `value * 2^exponent`, rounded to the nearest double of 53 bits. */
function toDouble(value: bigint, exponent: number): number {
  if (value === 0n) return 0;
  const magnitude = value < 0n ? -value : value;
  const surplus = BigInt(magnitude.toString(2).length) - 54n; // keep 53 bits and one to round by
  const kept = surplus >= 0n ? magnitude >> surplus : magnitude << -surplus;
  const mantissa = Number((kept + 1n) >> 1n); // a tie needs all lower bits to be 0, which these functions never yield
  const scale = Number(surplus) + 1 - Number(BITS) + exponent;
  const half = Math.trunc(scale / 2);
  return (value < 0n ? -1 : 1) * mantissa * 2 ** half * 2 ** (scale - half);
}
