/** Label selectors (equality and set based) and field selectors, with the real server's complaints. */
import { badRequest } from './errors.ts';
import { type Json, type JsonMap, listAt, mapAt, own, stringAt } from './json.ts';
import type { KubeObject } from './objects.ts';

export type Predicate = (object: KubeObject) => boolean;

interface Requirement {
  readonly key: string;
  readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';
  readonly values: readonly string[];
}

/** Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>3`. Throws a 400 Status naming what cannot be read. */
export function parseLabelSelector(text: string): Predicate {
  const requirements = splitOutsideParentheses(text).map((part) => parseRequirement(part, text));
  return (object) => {
    const labels = object.metadata.labels ?? {};
    return requirements.every((requirement) => satisfies(requirement, own(labels, requirement.key)));
  };
}

function satisfies({ operator, values }: Requirement, label: Json | undefined): boolean {
  const value = typeof label === 'string' ? label : undefined;
  switch (operator) {
    case '=':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '>':
    case '<': {
      const bound = Number(values[0]);
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
      return operator === '>' ? Number(value) > bound : Number(value) < bound;
    }
  }
}

const KEY = `(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?`;
const VALUE = `(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?`;
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*(${VALUE})$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const PRESENCE = new RegExp(`^(!?)\\s*(${KEY})$`);
const COMPARISON = new RegExp(`^(${KEY})\\s*([<>])\\s*(-?\\d+)$`);
const WHOLE_VALUE = new RegExp(`^${VALUE}$`);

function parseRequirement(part: string, whole: string): Requirement {
  const text = part.trim();
  const equality = EQUALITY.exec(text);
  if (equality !== null) {
    return { key: equality[1] ?? '', operator: equality[2] === '!=' ? '!=' : '=', values: [equality[3] ?? ''] };
  }
  const set = SET.exec(text);
  if (set !== null) {
    const values = (set[3] ?? '').split(',').map((value) => value.trim());
    if (values.every((value) => WHOLE_VALUE.test(value))) {
      return { key: set[1] ?? '', operator: set[2] === 'in' ? 'in' : 'notin', values };
    }
  }
  const comparison = COMPARISON.exec(text);
  if (comparison !== null) {
    return { key: comparison[1] ?? '', operator: comparison[2] === '>' ? '>' : '<', values: [comparison[3] ?? ''] };
  }
  const presence = PRESENCE.exec(text);
  if (presence !== null) return { key: presence[2] ?? '', operator: presence[1] === '!' ? '!' : 'exists', values: [] };
  throw badRequest(`unable to parse requirement: found '${text}' in label selector "${whole}"`);
}

function splitOutsideParentheses(text: string): string[] {
  if (text.trim() === '') return [];
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** How to read a field for selection; undefined when the kind cannot be selected by it. */
export type FieldReader = (field: string) => ((object: KubeObject) => string) | undefined;

/** Reads `metadata.name=x,status.phase!=Running`. Throws a 400 Status for a field the kind does not support. */
export function parseFieldSelector(
  text: string,
  reader: FieldReader,
  unsupported = (field: string) => `field label not supported: ${field}`,
): Predicate {
  const tests = text
    .split(/(?<!\\),/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part): Predicate => {
      const match = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/s.exec(part);
      if (match === null) {
        throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
      }
      const field = match[1] ?? '';
      const wanted = (match[3] ?? '').replace(/\\([\\,=])/g, '$1');
      const read = reader(field);
      if (read === undefined) throw badRequest(unsupported(field));
      return match[2] === '!=' ? (object) => read(object) !== wanted : (object) => read(object) === wanted;
    });
  return (object) => tests.every((test) => test(object));
}

/** Whether a LabelSelector object (matchLabels, matchExpressions) selects what has these labels; an empty one selects everything. */
export function selects(selector: Json | undefined, labels: JsonMap): boolean {
  for (const [key, value] of Object.entries(mapAt(selector, 'matchLabels') ?? {})) {
    if (own(labels, key) !== value) return false;
  }
  return listAt(selector, 'matchExpressions').every((expression) => {
    const label = own(labels, stringAt(expression, 'key') ?? '');
    const values = listAt(expression, 'values');
    switch (stringAt(expression, 'operator')) {
      case 'In':
        return label !== undefined && values.includes(label);
      case 'NotIn':
        return label === undefined || !values.includes(label);
      case 'Exists':
        return label !== undefined;
      case 'DoesNotExist':
        return label === undefined;
      default:
        return false;
    }
  });
}
