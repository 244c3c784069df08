import { type ActionAlias, type AliasFormatDefinition, isJsonObject, type Json, messageOf } from '../model/index.ts';
import { type ActionMention, mentionOf } from './mention.ts';
import { checkPack, OUTPUT_FIELDS } from './resource-file.ts';
import { checkMapping, describe, type Fields, textOf } from './shape.ts';
import { hasErrors, type Path, type Source } from './source.ts';

const FORMAT: Fields = {
  display: { kind: 'text' },
  match_multiple: { kind: 'boolean' },
};

const FIELDS: Fields = {
  ...OUTPUT_FIELDS,
  name: { kind: 'text', required: true },
  action_ref: { kind: 'text', required: true },
  formats: { kind: 'list', required: true },
  pack: { kind: 'text' },
  description: { kind: 'text' },
  enabled: { kind: 'boolean' },
  ack: {
    kind: 'mapping',
    fields: {
      enabled: { kind: 'boolean' },
      format: { kind: 'text' },
      extra: { kind: 'mapping' },
      append_url: { kind: 'boolean' },
    },
  },
  result: {
    kind: 'mapping',
    fields: { enabled: { kind: 'boolean' }, format: { kind: 'text' }, extra: { kind: 'mapping' } },
  },
  extra: { kind: 'mapping' },
  immutable_parameters: { kind: 'mapping' },
};

/** Reads an alias (stackstorm-packs.md, section 10). `checkFormat` throws when a format is no expression. */
export function readAlias(
  source: Source,
  metadataFile: string,
  checkFormat?: (format: string) => void,
): ActionAlias | undefined {
  const fields = checkMapping(source, [], source.value, FIELDS, { what: 'an alias', lenient: true });
  if (fields === undefined) return undefined;
  checkPack(source, fields);
  const formats = Array.isArray(fields.formats) ? fields.formats : [];
  for (const [index, format] of formats.entries()) checkDefinition(source, ['formats', index], format, checkFormat);
  const name = textOf(fields, 'name');
  const actionRef = textOf(fields, 'action_ref');
  if (name === undefined || actionRef === undefined || hasErrors(source.problems)) return undefined;
  const description = textOf(fields, 'description');
  return {
    ref: `${source.pack}.${name}`,
    pack: source.pack,
    name,
    ...(description === undefined ? {} : { description }),
    enabled: fields.enabled !== false,
    actionRef,
    formats: formats as readonly AliasFormatDefinition[], // each has been checked
    ...(isJsonObject(fields.ack) ? { ack: fields.ack } : {}),
    ...(isJsonObject(fields.result) ? { result: fields.result } : {}),
    ...(isJsonObject(fields.extra) ? { extra: fields.extra } : {}),
    ...(isJsonObject(fields.immutable_parameters) ? { immutableParameters: fields.immutable_parameters } : {}),
    metadataFile,
  };
}

/** The action that an alias asks for. What a command will give it cannot be known. */
export function mentionOfAlias(source: Source, alias: ActionAlias): ActionMention {
  const action = { ref: alias.actionRef, path: ['action_ref'], parameters: {}, parametersPath: [] };
  return { ...mentionOf(source, 'this alias', action), open: true };
}

function checkDefinition(source: Source, path: Path, format: Json, checkFormat?: (format: string) => void): void {
  if (typeof format === 'string') {
    checkText(source, path, format, checkFormat);
    return;
  }
  if (!isJsonObject(format)) {
    source.error(
      path,
      `A format must be text, or a mapping of display and representation, but it is ${describe(format)}.`,
    );
    return;
  }
  const { representation, ...others } = format;
  checkMapping(source, path, others, FORMAT, { what: 'a format', lenient: true });
  if (representation === undefined || representation === null) return;
  const at = [...path, 'representation'];
  if (typeof representation === 'string') checkText(source, at, representation, checkFormat);
  else if (!Array.isArray(representation)) {
    source.error(at, `"representation" must be a list of texts, but it is ${describe(representation)}.`);
  } else {
    for (const [index, text] of representation.entries()) {
      if (typeof text === 'string') checkText(source, [...at, index], text, checkFormat);
      else source.error([...at, index], `"representation[${index}]" must be text, but it is ${describe(text)}.`);
    }
  }
}

function checkText(source: Source, path: Path, format: string, checkFormat?: (format: string) => void): void {
  try {
    checkFormat?.(format);
  } catch (error) {
    source.error(path, messageOf(error));
  }
}
