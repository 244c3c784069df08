import { PetrelError } from '../../../model/index.ts';
import { NONE_MARKER } from '../../casting.ts';
import { compileJsonPath } from '../../jsonpath/index.ts';
import {
  bind,
  dumpJson,
  dumpOptions,
  dumpYaml,
  loadYaml,
  PythonError,
  parseJsonKeepingFloats,
  str,
  Tuple,
  truthy,
} from '../../python/index.ts';
import { compilePythonRegex, type PythonRegex } from '../../regex/index.ts';
import type { Filter, StandaloneFilter } from '../environment.ts';
import { KeyLookup } from '../key-lookups.ts';
import { Undefined } from '../undefined.ts';
import { indexOf } from './helpers.ts';
import { humanTime } from './human-time.ts';
import { VERSION_FILTERS } from './versions.ts';

/** Runs code of other rooms of expressions, whose errors are the user's, as Python's error of that kind. */
function translated<T>(kind: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    if (error instanceof PetrelError) throw new PythonError(kind, error.message);
    throw error;
  }
}

function regexFilter(
  names: readonly string[],
  compute: (regex: PythonRegex, text: string, given: readonly unknown[]) => unknown,
): StandaloneFilter {
  return (run, value, given) => {
    const [pattern, ...rest] = bind('regex', given, ['pattern', ...names, 'ignorecase'], 1);
    const ignoreCase = truthy(rest[names.length]);
    const text = str(value);
    run.spend(1 + (text.length >> 4));
    return translated('error', () => compute(compilePythonRegex(str(pattern), { ignoreCase }), text, rest));
  };
}

const regexSubstring = regexFilter(['result_index'], (regex, text, [index = 0]) => {
  const found = regex.findAll(text).map((match) => {
    const groups = match.groups.map((group) => group ?? '');
    if (groups.length === 1) return groups[0];
    return groups.length === 2 ? groups[1] : new Tuple(groups.slice(1));
  });
  const at = indexOf(index);
  const result = found[at < 0 ? at + found.length : at];
  if (result === undefined) throw new PythonError('IndexError', 'list index out of range');
  return result;
});

const regexReplace: StandaloneFilter = (run, value, given) => {
  const [pattern, replacement, ignorecase] = bind('regex_replace', given, ['pattern', 'replacement', 'ignorecase'], 2);
  const text = str(value);
  run.spend(1 + (text.length >> 4));
  return translated('error', () =>
    compilePythonRegex(str(pattern), { ignoreCase: truthy(ignorecase) }).replace(text, str(replacement)),
  );
};

const jsonpathQuery: StandaloneFilter = (run, value, given) => {
  const [query] = bind('jsonpath_query', given, ['query'], 1);
  const matches = translated('JsonPathError', () => compileJsonPath(str(query)).find(value));
  run.spend(matches.length);
  return matches.length === 0 ? null : matches;
};

const toJsonString: StandaloneFilter = (_run, value, given) => {
  const [indent, sortKeys, separators = new Tuple([',', ': '])] = bind('to_json_string', given, [
    'indent',
    'sort_keys',
    'separators',
  ]);
  return dumpJson(defined(value), dumpOptions(indent, sortKeys, separators));
};

function defined(value: unknown): unknown {
  if (value instanceof Undefined) throw value.fail();
  return value;
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function dirname(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/*$/.test(head) ? head : head.replace(/\/+$/, '');
}

/** `decrypt_kv`: the text of a secret. `decrypt` throws for what is no ciphertext. */
export function decryptFilter(decrypt: (ciphertext: string) => string): Filter {
  return (_run, value) => {
    const text = value instanceof KeyLookup ? value.value() : str(value);
    if (text === undefined || text === '') {
      const name = value instanceof KeyLookup ? `"${value.name ?? ''}"` : 'an empty value';
      throw new PythonError(
        'ValueError',
        `Referenced datastore item ${name} doesn't exist or it contains an empty string`,
      );
    }
    return translated('ValueError', () => decrypt(text));
  };
}

/** StackStorm's own filters but `decrypt_kv`, which needs a key. */
export const STACKSTORM_FILTERS: Readonly<Record<string, StandaloneFilter>> = {
  ...VERSION_FILTERS,
  basename: (_run, value) => basename(str(value)),
  dirname: (_run, value) => dirname(str(value)),
  from_yaml_string: (_run, value) => loadYaml(str(value)),
  from_json_string: (_run, value) => parseJsonKeepingFloats(str(value)),
  json_escape: (_run, value) => dumpJson(defined(value)).replace(/^"+|"+$/g, ''),
  jsonpath_query: jsonpathQuery,
  regex_match: regexFilter([], (regex, text) => regex.testStart(text)),
  regex_replace: regexReplace,
  regex_search: regexFilter([], (regex, text) => regex.test(text)),
  regex_substring: regexSubstring,
  to_complex: (_run, value) => dumpJson(defined(value)),
  to_human_time_from_seconds: (_run, value) => humanTime(value),
  to_json_string: toJsonString,
  to_yaml_string: (_run, value, given) => {
    const [indent, unicode = true] = bind('to_yaml_string', given, ['indent', 'allow_unicode']);
    return dumpYaml(defined(value), { ...(typeof indent === 'number' && { indent }), unicode: truthy(unicode) });
  },
  use_none: (_run, value) => (value === null ? NONE_MARKER : value),
};
