/** The `format`s of strings that the real server checks; unknown ones are ignored, as there. */
import { isIP } from 'node:net';

const PATTERNS: ReadonlyMap<string, RegExp> = new Map([
  [
    'date-time',
    /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/,
  ],
  ['date', /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/],
  ['uuid', /^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$/],
  ['byte', /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/],
  ['email', /^[^\s@<>]+@[^\s@<>]+$/],
  [
    'hostname',
    /^(?=.{1,253}$)[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*\.?$/,
  ],
  ['duration', /^-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d|w))+$/],
]);

/** Whether a string is of a format. */
export function hasFormat(format: string, value: string): boolean {
  if (format === 'ipv4') return isIP(value) === 4;
  if (format === 'ipv6') return isIP(value) === 6;
  if (format === 'uri') return URL.canParse(value);
  return PATTERNS.get(format)?.test(value) ?? true;
}
