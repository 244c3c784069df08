import type { JsonObject, TriggerType } from '../model/index.ts';
import { checkSchema } from './parameter-schema.ts';
import { readPayloadSchema } from './payload-schema.ts';
import { checkPack, OUTPUT_FIELDS, TAG_FIELD } from './resource-file.ts';
import { checkMapping, type Fields, mappingOf, textOf } from './shape.ts';
import { gentle, hasErrors, type Path, type Source } from './source.ts';

const FIELDS: Fields = {
  ...OUTPUT_FIELDS,
  name: { kind: 'text', required: true },
  pack: { kind: 'text' },
  description: { kind: 'text' },
  payload_schema: { kind: 'mapping' },
  parameters_schema: { kind: 'mapping' },
  tags: TAG_FIELD,
};

/** Reads a trigger type: a whole file of `triggers/`, or one item of a sensor's `trigger_types` (stackstorm-packs.md, section 8). */
export function readTriggerType(
  source: Source,
  metadataFile: string,
  path: Path = [],
  value = source.value,
): TriggerType | undefined {
  const fields = checkMapping(source, path, value, FIELDS, { what: 'a trigger type', lenient: true });
  if (fields === undefined) return undefined;
  checkPack(source, fields, [...path, 'pack']);
  const name = textOf(fields, 'name');
  if (name === undefined || hasErrors(source.problems)) return undefined;
  const schema = (key: 'payload_schema' | 'parameters_schema') => {
    const read = readPayloadSchema(source, [...path, key], mappingOf(fields, key));
    // Only warned of: what cannot be read of a schema is not checked.
    checkSchema(gentle(source), [...path, key], read, `the ${key}`, false);
    return read;
  };
  return triggerType(source.pack, name, {
    description: textOf(fields, 'description') ?? '',
    payloadSchema: schema('payload_schema'),
    parametersSchema: schema('parameters_schema'),
    metadataFile,
  });
}

/** A trigger type of a pack. */
export function triggerType(
  pack: string,
  name: string,
  rest: { description: string; payloadSchema?: JsonObject; parametersSchema?: JsonObject; metadataFile?: string },
): TriggerType {
  return { ref: `${pack}.${name}`, pack, name, payloadSchema: {}, parametersSchema: {}, ...rest };
}
