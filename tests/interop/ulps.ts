/** Distance of two doubles of one sign in units in the last place. */
export function ulps(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const [x = 0n, y = 0n] = new BigInt64Array(Float64Array.of(a, b).buffer);
  return Number(x > y ? x - y : y - x);
}
