import { float, str } from '../expressions/index.ts';
import { isJsonObject, type ParameterSchema, type ParameterSchemas, PetrelError } from '../model/index.ts';
import type { Run } from './runner.ts';
import { shellQuote } from './shell-quote.ts';

export interface ScriptArguments {
  /** The positional values in order, not quoted. */
  readonly positional: readonly string[];
  /** All arguments as text for a shell: named ones first, each word quoted. */
  readonly text: string;
}

/**
 * The arguments of a shell script (stackstorm-packs.md, section 5.3; vectors: shell_script_args). `parameters` are the
 * action's own, the runner's left out; values may be the expressions room's (a `Float` prints as Python prints a float).
 * Throws `PetrelError` (`invalid`) for a value that has no text form.
 */
export function scriptArguments(
  schemas: ParameterSchemas,
  parameters: Readonly<Record<string, unknown>>,
  namePrefix: string,
): ScriptArguments {
  const positions = positionalNames(schemas);
  const values = new Map(Object.entries(parameters));
  const named = [...values]
    .filter(([name]) => !positions.includes(name))
    .flatMap(([name, value]) => namedArgument(`${namePrefix}${name}`, value));
  const positional = positions.map((name) => positionalText(name, schemas[name] ?? {}, values.get(name) ?? null));
  return { positional, text: [...named, ...positional.map(shellQuote)].join(' ') };
}

/** Names by ascending position. Of two at the same position only the one declared last is positional, as StackStorm. */
function positionalNames(schemas: ParameterSchemas): readonly string[] {
  const byPosition = new Map<number, string>();
  for (const [name, schema] of Object.entries(schemas)) {
    if (typeof schema.position === 'number') byPosition.set(schema.position, name);
  }
  return [...byPosition].sort(([left], [right]) => left - right).map(([, name]) => name);
}

function namedArgument(name: string, value: unknown): readonly string[] {
  if (value === null || value === undefined || value === '' || value === false) return [];
  if (value === true) return [name];
  return [`${shellQuote(name)}=${shellQuote(str(value))}`];
}

function positionalText(name: string, schema: ParameterSchema, value: unknown): string {
  switch (schema.type) {
    case 'string':
    case 'number':
      if (Array.isArray(value)) {
        throw new PetrelError(
          'invalid',
          `Parameter "${name}" is a list, but its type is ${schema.type}: give it one value, or declare it as an array.`,
        );
      }
      return value === null ? '' : str(value);
    case 'boolean':
      if (value === null) return '';
      return isTruthy(value) ? '1' : '0';
    case 'array':
      if (!isTruthy(value)) return '';
      return Array.isArray(value) ? value.map(str).join(',') : str(value);
    case 'object':
      return isTruthy(value) ? JSON.stringify(value) : '';
    default:
      return isTruthy(value) ? str(value) : '';
  }
}

/** As Python: zero and empty lists, objects and texts are false. */
function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isJsonObject(value) && Object.getPrototypeOf(value) === Object.prototype) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** A `number` parameter is a float to Python, so a whole one prints with its `.0`; JSON does not keep that. */
export function pythonValues(run: Pick<Run, 'action' | 'actionParameters'>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(run.actionParameters).map(([name, value]) => {
    const isFloat = typeof value === 'number' && run.action.parameters[name]?.type === 'number';
    return [name, isFloat ? float(value) : value];
  });
  return Object.fromEntries(entries);
}
