/**
 * Powers of doubles, rounded correctly: JavaScript's `**` is off by one in the last digit now and then (`7 ** -2`), which Python's,
 * that of the C library, is not. Logarithm and exponential are summed up as series of fixed-point numbers; a power is some
 * microseconds.
 */

/** Bits behind the point: those of a double, of the largest exponent, and some to round by. */
const BITS = 160n;
const ONE = 1n << BITS;
const LN2 = 2n * atanh(ONE / 3n);

function times(a: bigint, b: bigint): bigint {
  return (a * b) >> BITS;
}

/** For arguments well below 1. */
function atanh(value: bigint): bigint {
  const square = times(value, value);
  let sum = 0n;
  for (let power = value, n = 1n; power !== 0n && power !== -1n; power = times(power, square), n += 2n)
    sum += power / n;
  return sum;
}

/** For arguments well below 1. */
function exp(value: bigint): bigint {
  let sum = ONE;
  for (let term = value, n = 2n; term !== 0n && term !== -1n; term = times(term, value) / n, n += 1n) sum += term;
  return sum;
}

/** A positive finite double as mantissa * 2 ** exponent, the mantissa of 53 bits. */
function parts(value: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const fraction = bits & 0xfffffffffffffn;
  const biased = Number(bits >> 52n);
  if (biased > 0) return { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
  const shift = 53 - fraction.toString(2).length;
  return { mantissa: fraction << BigInt(shift), exponent: -1074 - shift };
}

/** `base ** exponent` for a positive finite base and a finite exponent, where JavaScript's result is neither 0 nor infinite. */
export function accuratePower(base: number, exponent: number): number {
  const rough = base ** exponent;
  if (rough === 0 || !Number.isFinite(rough) || exponent === 0 || base === 1) return rough;
  const { mantissa, exponent: scale } = parts(base);
  if (Number.isInteger(exponent) && exponent > 0 && exponent <= 64) {
    // Exactly: such results may lie right between two doubles.
    return toDouble((mantissa ** BigInt(exponent)) << BITS, scale * exponent);
  }
  // The base is m * 2 ** k, with m from 1/2 up to 1.
  const m = mantissa << (BITS - 53n);
  const k = BigInt(scale + 53);
  const logarithm = 2n * atanh(((m - ONE) << BITS) / (m + ONE)) + k * LN2;
  const by = parts(Math.abs(exponent));
  const shifted =
    by.exponent >= 0
      ? (logarithm * by.mantissa) << BigInt(by.exponent)
      : (logarithm * by.mantissa) >> BigInt(-by.exponent);
  const product = exponent < 0 ? -shifted : shifted;
  const whole = (product + LN2 / 2n) / LN2 - (product + LN2 / 2n < 0n ? 1n : 0n);
  return toDouble(exp(product - whole * LN2), Number(whole));
}

/** A fixed-point number times 2 ** exponent, rounded half to even, also below the smallest normal number. */
function toDouble(value: bigint, exponent: number): number {
  const top = value.toString(2).length - Number(BITS) + exponent;
  const drop = BigInt(Math.max(Number(BITS) + top - exponent - 53, Number(BITS) - exponent - 1074));
  const half = 1n << (drop - 1n);
  const kept = value >> drop;
  const rest = value - (kept << drop);
  const up = rest > half || (rest === half && (kept & 1n) === 1n);
  const mantissa = Number(up ? kept + 1n : kept);
  const power = Number(drop) - Number(BITS) + exponent;
  // In two steps: 2 ** power alone may be no double.
  const first = Math.trunc(power / 2);
  return mantissa * 2 ** first * 2 ** (power - first);
}
