import { bind, PythonError, str, textRepr, typeName } from '../../python/index.ts';
import type { StandaloneFilter } from '../environment.ts';

interface Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: string | undefined;
}

const SEMVER =
  /^(0|[1-9]\d{0,50})\.(0|[1-9]\d{0,50})\.(0|[1-9]\d{0,50})(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;

function parse(value: unknown): Version {
  if (typeof value !== 'string') throw new PythonError('TypeError', `not expecting type '${typeName(value)}'`);
  const match = SEMVER.exec(value);
  if (match === null) throw new PythonError('ValueError', `${str(value)} is not valid SemVer string`);
  const [, major = '0', minor = '0', patch = '0', prerelease] = match;
  return { numbers: [BigInt(major), BigInt(minor), BigInt(patch)], prerelease };
}

/** By semantic versioning 2: build data does not count, a pre-release is lower than its release. */
function compareVersions(left: unknown, right: unknown): -1 | 0 | 1 {
  const a = parse(left);
  const b = parse(right);
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] < b.numbers[index] ? -1 : 1;
  }
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === undefined) return 1;
  if (b.prerelease === undefined) return -1;
  return comparePrereleases(a.prerelease.split('.'), b.prerelease.split('.'));
}

function comparePrereleases(left: readonly string[], right: readonly string[]): -1 | 0 | 1 {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const a = left[index];
    const b = right[index];
    if (a === undefined) return -1;
    if (b === undefined) return 1;
    if (a === b) continue;
    const numericA = /^\d+$/.test(a);
    const numericB = /^\d+$/.test(b);
    if (numericA && numericB) return BigInt(a) < BigInt(b) ? -1 : 1;
    if (numericA !== numericB) return numericA ? -1 : 1;
    return a < b ? -1 : 1;
  }
  return 0;
}

function comparing(name: string, test: (order: number) => unknown): StandaloneFilter {
  return (_run, value, given) => test(compareVersions(value, bind(name, given, ['pattern'], 1)[0]));
}

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  '>=': (order) => order >= 0,
  '<=': (order) => order <= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '>': (order) => order > 0,
  '<': (order) => order < 0,
};

const match: StandaloneFilter = (_run, value, given) => {
  const [pattern] = bind('version_match', given, ['pattern'], 1);
  const text = str(pattern);
  const [, operator = '==', version = ''] = /^(>=|<=|==|!=|>|<)?(.*)$/s.exec(text) ?? [];
  const order = compareVersions(value, version);
  const test = OPERATORS[operator];
  if (test === undefined) throw new PythonError('ValueError', `no operator in ${textRepr(text)}`);
  return test(order);
};

function bumped(change: (version: readonly [bigint, bigint, bigint]) => readonly bigint[]): StandaloneFilter {
  return (_run, value) => change(parse(value).numbers).join('.');
}

/** StackStorm's filters on versions. */
export const VERSION_FILTERS: Readonly<Record<string, StandaloneFilter>> = {
  version_bump_major: bumped(([major]) => [major + 1n, 0n, 0n]),
  version_bump_minor: bumped(([major, minor]) => [major, minor + 1n, 0n]),
  version_bump_patch: bumped(([major, minor, patch]) => [major, minor, patch + 1n]),
  version_compare: comparing('version_compare', (order) => order),
  version_equal: comparing('version_equal', (order) => order === 0),
  version_less_than: comparing('version_less_than', (order) => order < 0),
  version_match: match,
  version_more_than: comparing('version_more_than', (order) => order > 0),
  version_strip_patch: bumped(([major, minor]) => [major, minor]),
};
