import { dictEntries, isDict, languageOf, truthy } from '../../../expressions/index.ts';
import type { ParameterSchemas } from '../../../model/index.ts';
import { type Finding, type Place, property, taskPlace } from './entry.ts';
import type { Spec } from './spec.ts';

/** An action that a definition names as it is, without an expression. */
export interface Call {
  readonly action: string;
  /** Names of what it is given; undefined where an expression gives them. */
  readonly inputs: readonly string[] | undefined;
  /** Where the action and the input stand. */
  readonly place: Place;
}

/** The calls that can be held against the registry before anything runs. */
export function callsOf({ tasks }: Spec): Call[] {
  return [...tasks].flatMap(([name, { action, input, compensate }]) => {
    const place = taskPlace(name);
    return [
      ...callOf(action, input, place),
      ...callOf(compensate?.get('action'), compensate?.get('input'), property(place, 'compensate')),
    ];
  });
}

function callOf(action: unknown, input: unknown, place: Place): Call[] {
  if (typeof action !== 'string' || action === '' || languageOf(action) !== undefined) return [];
  const given = truthy(input ?? null) ? input : {};
  return [{ action, inputs: isDict(given) ? [...dictEntries(given)].map(([name]) => String(name)) : undefined, place }];
}

/**
 * StackStorm's own category: actions that are not registered, and parameters that are missing or that they do not have. `parameters`
 * answers undefined for an action there is not.
 */
export function inspectContents(
  calls: readonly Call[],
  parameters: (action: string) => ParameterSchemas | undefined,
): Finding[] {
  return calls.flatMap((call) => findingsOf(call, parameters(call.action)));
}

function findingsOf({ action, inputs, place }: Call, parameters: ParameterSchemas | undefined): Finding[] {
  const atAction = property(place, 'action');
  const atInput = property(place, 'input');
  if (!action.includes('.')) return [finding(`The action reference "${action}" is not formatted correctly.`, atAction)];
  if (parameters === undefined) return [finding(`The action "${action}" is not registered in the database.`, atAction)];
  if (inputs === undefined) return [];
  const required = Object.entries(parameters).filter(
    ([, { required, default: value }]) => required === true && value === undefined,
  );
  const missing = required.map(([name]) => name).filter((name) => !inputs.includes(name));
  const unexpected = inputs.filter((name) => !Object.hasOwn(parameters, name));
  return [
    ...missing.sort().map((name) => finding(`Action "${action}" is missing required input "${name}".`, atInput)),
    ...unexpected.sort().map((name) =>
      finding(`Action "${action}" has unexpected input "${name}".`, {
        spec: `${atInput.spec}.${name}`,
        schema: `${atInput.schema}.patternProperties.^\\w+$`,
      }),
    ),
  ];
}

function finding(message: string, { spec, schema }: Place): Finding {
  return { message, spec_path: spec, schema_path: schema };
}
