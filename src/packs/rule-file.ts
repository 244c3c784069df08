import { isJsonObject, type Json, type JsonObject, type Rule } from '../model/index.ts';
import { didYouMean, oneOf } from './problems.ts';
import { checkPack, OUTPUT_FIELDS, readTags, TAG_FIELD } from './resource-file.ts';
import { checkMapping, describe, type Fields, mappingOf, textOf } from './shape.ts';
import { hasErrors, type Path, type Source } from './source.ts';

const FIELDS: Fields = {
  ...OUTPUT_FIELDS,
  name: { kind: 'text', required: true },
  pack: { kind: 'text' },
  description: { kind: 'text' },
  enabled: { kind: 'boolean' },
  type: {
    kind: 'mapping',
    fields: {
      ref: { kind: 'text', required: true, values: ['standard', 'backstop'] },
      parameters: { kind: 'mapping' },
    },
  },
  trigger: {
    kind: 'mapping',
    required: true,
    fields: {
      type: { kind: 'text', required: true },
      parameters: { kind: 'mapping' },
      description: { kind: 'text' },
      ref: { kind: 'text' },
    },
  },
  criteria: { kind: 'mapping' },
  action: {
    kind: 'mapping',
    required: true,
    fields: { ref: { kind: 'text', required: true }, parameters: { kind: 'mapping' }, description: { kind: 'text' } },
  },
  context: { kind: 'mapping' },
  tags: TAG_FIELD,
};

/** The operators of stackstorm-rules.md, section 6. Their names are matched whatever the case, except `search`. */
const OPERATORS: readonly string[] = [
  ...['equals', 'eq', 'nequals', 'neq', 'iequals', 'ieq', 'contains', 'icontains', 'ncontains', 'incontains'],
  ...['startswith', 'istartswith', 'endswith', 'iendswith', 'lessthan', 'lt', 'greaterthan', 'gt'],
  ...['timediff_lt', 'td_lt', 'timediff_gt', 'td_gt', 'matchwildcard', 'matchregex', 'regex', 'iregex'],
  ...['exists', 'nexists', 'inside', 'in', 'ninside', 'nin', 'search'],
];

const SEARCH_CONDITIONS: readonly string[] = ['any', 'all', 'any2any', 'all2any'];

/** Reads a rule (stackstorm-rules.md, section 1). A rule that does not say `enabled: true` is disabled, as in StackStorm. */
export function readRule(source: Source, metadataFile: string): Rule | undefined {
  const fields = checkMapping(source, [], source.value, FIELDS, { what: 'a rule', lenient: true });
  if (fields === undefined) return undefined;
  checkPack(source, fields);
  const criteria = mappingOf(fields, 'criteria');
  checkCriteria(source, ['criteria'], criteria, 'trigger');
  const name = textOf(fields, 'name');
  const trigger = mappingOf(fields, 'trigger');
  const action = mappingOf(fields, 'action');
  const triggerTypeRef = textOf(trigger, 'type');
  const actionRef = textOf(action, 'ref');
  if (name === undefined || triggerTypeRef === undefined || actionRef === undefined) return undefined;
  if (hasErrors(source.problems)) return undefined;
  if (typeof fields.enabled !== 'boolean') {
    source.warning([], `The rule "${name}" does not say "enabled: true", so it is disabled.`);
  }
  const description = textOf(fields, 'description');
  const tags = readTags(fields.tags);
  return {
    ref: `${source.pack}.${name}`,
    pack: source.pack,
    name,
    ...(description === undefined ? {} : { description }),
    enabled: fields.enabled === true,
    type: mappingOf(fields, 'type').ref === 'backstop' ? 'backstop' : 'standard',
    trigger: { type: triggerTypeRef, parameters: mappingOf(trigger, 'parameters') },
    criteria,
    action: { ref: actionRef, parameters: mappingOf(action, 'parameters') },
    ...(tags === undefined ? {} : { tags }),
    ...(isJsonObject(fields.context) ? { context: fields.context } : {}),
    metadataFile,
  };
}

/**
 * StackStorm meets an unknown operator, or a criterion that is no mapping, only when an event comes, and then abandons
 * every rule of that event. Here such a rule is refused when it is read. `root` is what keys may start with.
 */
function checkCriteria(source: Source, path: Path, criteria: JsonObject, root: 'trigger' | 'item'): void {
  for (const [key, criterion] of Object.entries(criteria)) {
    const at = [...path, key];
    if (!isRooted(key, root)) {
      source.warning(
        at,
        `The criterion "${key}" finds nothing: its key must start with "${root}", as in "${root}.name".`,
        'key',
      );
    }
    if (!isJsonObject(criterion)) {
      source.error(
        at,
        `The criterion "${key}" must be a mapping with "type" and "pattern", but it is ${describe(criterion)}.`,
      );
    } else {
      checkCriterion(source, at, key, criterion);
    }
  }
}

function checkCriterion(source: Source, path: Path, key: string, criterion: JsonObject): void {
  for (const field of Object.keys(criterion)) {
    if (!['type', 'pattern', 'condition'].includes(field)) {
      const hint = didYouMean(field, ['type', 'pattern', 'condition']);
      source.warning(
        [...path, field],
        `Unknown key "${field}" in the criterion "${key}"; it has no effect.${hint}`,
        'key',
      );
    }
  }
  const { type } = criterion;
  if (type === undefined) {
    source.error(path, `The criterion "${key}" has no "type", so it would never match.`, 'key');
  } else if (typeof type !== 'string' || !isOperator(type)) {
    const hint = didYouMean(String(type), OPERATORS) || ` Known operators are ${oneOf(OPERATORS)}.`;
    source.error([...path, 'type'], `The criterion "${key}" has an unknown operator, ${describe(type)}.${hint}`);
  } else if (type === 'search') {
    checkSearch(source, path, key, criterion);
  }
}

function checkSearch(source: Source, path: Path, key: string, criterion: JsonObject): void {
  const { condition, pattern } = criterion;
  if (typeof condition !== 'string' || !SEARCH_CONDITIONS.includes(condition)) {
    const at = condition === undefined ? path : [...path, 'condition'];
    source.error(
      at,
      `The search "${key}" needs a "condition" of ${oneOf(SEARCH_CONDITIONS)}, but it is ${describe(condition)}.`,
    );
  }
  if (isJsonObject(pattern)) checkCriteria(source, [...path, 'pattern'], pattern, 'item');
  else
    source.error(
      [...path, 'pattern'],
      `The search "${key}" needs a mapping of criteria as its "pattern", but it is ${describe(pattern)}.`,
    );
}

function isOperator(type: Json): boolean {
  const name = String(type);
  return name === 'search' || (name.toLowerCase() !== 'search' && OPERATORS.includes(name.toLowerCase()));
}

function isRooted(key: string, root: string): boolean {
  return new RegExp(`^(?:\\$\\.)?${root}(?![A-Za-z0-9_-])`).test(key);
}
