import type { JsonObject, Policy } from '../model/index.ts';
import { withDefaults } from './config.ts';
import { validateProperties } from './json-validation.ts';
import { POLICY_TYPES, type PolicyType } from './policy-types.ts';
import { didYouMean, oneOf, type Place } from './problems.ts';
import { checkPack, OUTPUT_FIELDS } from './resource-file.ts';
import { checkMapping, type Fields, mappingOf, textOf } from './shape.ts';
import { hasErrors, type Source } from './source.ts';

const FIELDS: Fields = {
  ...OUTPUT_FIELDS,
  name: { kind: 'text', required: true },
  pack: { kind: 'text' },
  description: { kind: 'text' },
  enabled: { kind: 'boolean' },
  resource_ref: { kind: 'text', required: true },
  policy_type: { kind: 'text', required: true, values: POLICY_TYPES.map(({ ref }) => ref) },
  parameters: { kind: 'mapping' },
};

/** Where the parts of a policy stand that can only be checked when all packs are read. */
export interface PolicyPlaces {
  readonly file: string;
  readonly resourceRef: Place;
  readonly attributes: readonly Place[];
}

/** Reads a policy (stackstorm-packs.md, section 9). */
export function readPolicy(source: Source, metadataFile: string): Policy | undefined {
  const fields = checkMapping(source, [], source.value, FIELDS, { what: 'a policy', lenient: true });
  if (fields === undefined) return undefined;
  checkPack(source, fields);
  const type = POLICY_TYPES.find(({ ref }) => ref === fields.policy_type);
  // Null counts as absent, as everywhere.
  const given = Object.entries(mappingOf(fields, 'parameters')).filter(([, value]) => value !== null);
  const parameters = Object.fromEntries(given);
  if (type !== undefined) checkParameters(source, type, parameters);
  const name = textOf(fields, 'name');
  const resourceRef = textOf(fields, 'resource_ref');
  if (name === undefined || resourceRef === undefined || type === undefined || hasErrors(source.problems)) {
    return undefined;
  }
  const description = textOf(fields, 'description');
  // The parameters were held against the schemas of just this type.
  return {
    ref: `${source.pack}.${name}`,
    pack: source.pack,
    name,
    ...(description === undefined ? {} : { description }),
    enabled: fields.enabled !== false,
    resourceRef,
    policyType: type.ref,
    parameters: withDefaults(type.parameters, parameters),
    metadataFile,
  } as Policy;
}

export function placesOfPolicy(source: Source, policy: Policy): PolicyPlaces {
  const attributes = 'attributes' in policy.parameters ? policy.parameters.attributes : undefined;
  return {
    file: source.file,
    resourceRef: source.place(['resource_ref']),
    attributes: (attributes ?? []).map((_, index) => source.place(['parameters', 'attributes', index])),
  };
}

function checkParameters(source: Source, type: PolicyType, parameters: JsonObject): void {
  const names = Object.keys(type.parameters);
  for (const name of Object.keys(parameters)) {
    if (names.includes(name)) continue;
    const hint = didYouMean(name, names) || ` Known parameters are ${oneOf(names)}.`;
    source.error(['parameters', name], `A policy "${type.ref}" has no parameter "${name}".${hint}`, 'key');
  }
  for (const { path, message } of validateProperties(type.parameters, parameters, { additional: true })) {
    const [name] = path;
    const what = name === undefined ? `The parameters of a policy "${type.ref}"` : `"${placeOf(path)}"`;
    source.error(['parameters', ...path], `${what} ${message}.`);
  }
}

/** `attributes[0]` */
function placeOf(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${step}`))
    .join('');
}
