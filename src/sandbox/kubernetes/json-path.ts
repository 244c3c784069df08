/**
 * The part of JSONPath that printer columns, selectable fields and scale paths use: `.spec.a`, `['a.b']`, `.a\.b`, `[0]`, `[*]`,
 * `[?(@.type=="Ready")]`.
 */
import { isMap, type Json, own } from './json.ts';

type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly path: readonly string[]; readonly equal: boolean; readonly value: string };

/** Compiles a path into a function that finds all its values; undefined when the path cannot be read. */
export function compileJsonPath(text: string): ((value: Json) => Json[]) | undefined {
  const steps = parse(
    text
      .trim()
      .replace(/^\{(.*)\}$/s, '$1')
      .replace(/^\$/, ''),
  );
  if (steps === undefined) return undefined;
  return (value) => steps.reduce<Json[]>((found, step) => found.flatMap((one) => follow(one, step)), [value]);
}

const FILTER = /^\[\?\(\s*@\.([\w.-]+)\s*(==|!=)\s*(?:"([^"]*)"|'([^']*)'|([^\s)]+))\s*\)\]/;
const KEY = /^\.((?:[^.[\]\\]|\\.)+)/;
const QUOTED = /^\[(?:'([^']*)'|"([^"]*)")\]/;

function parse(text: string): Step[] | undefined {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== '') {
    const filter = FILTER.exec(rest);
    const quoted = QUOTED.exec(rest);
    const index = /^\[(-?\d+)\]/.exec(rest);
    const all = /^(\[\*\]|\.\*)/.exec(rest);
    const key = KEY.exec(rest);
    const match = filter ?? quoted ?? index ?? all ?? key;
    if (match === null) return undefined;
    if (filter !== null) {
      const value = filter[3] ?? filter[4] ?? filter[5] ?? '';
      steps.push({ kind: 'filter', path: (filter[1] ?? '').split('.'), equal: filter[2] === '==', value });
    } else if (quoted !== null) steps.push({ kind: 'key', key: quoted[1] ?? quoted[2] ?? '' });
    else if (index !== null) steps.push({ kind: 'index', index: Number(index[1]) });
    else if (all !== null) steps.push({ kind: 'all' });
    else steps.push({ kind: 'key', key: (match[1] ?? '').replace(/\\(.)/g, '$1') });
    rest = rest.slice(match[0].length);
  }
  return steps;
}

function follow(value: Json, step: Step): Json[] {
  if (step.kind === 'key') {
    const found = isMap(value) ? own(value, step.key) : undefined;
    return found === undefined ? [] : [found];
  }
  if (step.kind === 'index') {
    const found = Array.isArray(value) ? value.at(step.index) : undefined;
    return found === undefined ? [] : [found];
  }
  const children = Array.isArray(value)
    ? value
    : isMap(value)
      ? Object.values(value).filter((one) => one !== undefined)
      : [];
  if (step.kind === 'all') return children;
  return children.filter((child) => {
    let current: Json | undefined = child;
    for (const key of step.path) current = isMap(current) ? own(current, key) : undefined;
    return (current !== undefined && current !== null && String(current) === step.value) === step.equal;
  });
}
