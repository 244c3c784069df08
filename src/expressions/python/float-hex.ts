import { PythonError, valueError } from './errors.ts';

/** Python's `number.hex()`: the double exactly, as `0x1.8000000000000p+1`. */
export function hexOf(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (!Number.isFinite(magnitude)) return `${sign}inf`;
  if (magnitude === 0) return `${sign}0x0.0p+0`;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, magnitude);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n);
  const digits = (bits & 0xfffffffffffffn).toString(16).padStart(13, '0');
  const exponent = biased === 0 ? -1022 : biased - 1023;
  return `${sign}0x${biased === 0 ? 0 : 1}.${digits}p${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

const HEX = /^\s*([+-]?)(?:(inf|infinity)|(nan)|(?:0x)?(?=\.?[\da-f])([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?)\s*$/i;

/** Python's `float.fromhex(text)`. */
export function fromHex(text: string): number {
  const match = HEX.exec(text);
  if (match === null) throw valueError('invalid hexadecimal floating-point string');
  const [, sign, infinite, nan, whole = '', fraction = '', exponent = '0'] = match;
  const factor = sign === '-' ? -1 : 1;
  if (nan !== undefined) return Number.NaN;
  if (infinite !== undefined) return factor * Number.POSITIVE_INFINITY;
  const result = scaled(BigInt(`0x0${whole}${fraction}`), Number(exponent) - 4 * fraction.length);
  if (!Number.isFinite(result)) {
    throw new PythonError('OverflowError', 'hexadecimal value too large to represent as a float');
  }
  return factor * result;
}

/** `digits * 2 ** exponent`, in two steps: the power alone may be out of the range of doubles. */
function scaled(digits: bigint, exponent: number): number {
  if (digits === 0n) return 0;
  const half = Math.trunc(exponent / 2);
  return Number(digits) * 2 ** half * 2 ** (exponent - half);
}
