import type { Json, JsonObject } from '../../model/index.ts';
import { at, broken, type Cursor, isTrue, objectAt, requiredText, textAt } from './cursor.ts';
import { schemaOf } from './swagger-2-schemas.ts';

/** What of a parameter belongs to itself; the rest is its schema. */
const OWN: readonly string[] = ['name', 'in', 'description', 'required', 'allowEmptyValue', 'collectionFormat'];

/** How lists are written, by swagger 2.0's names. */
const STYLES: Readonly<Record<string, JsonObject>> = {
  csv: { style: 'form', explode: false },
  multi: { style: 'form', explode: true },
  ssv: { style: 'spaceDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
  // OpenAPI 3 has no name for it.
  tsv: { style: 'tabDelimited', explode: false },
};

/** A parameter of a path, a query or a header. */
export function parameterOf(parameter: Cursor): JsonObject {
  const place = requiredText(at(parameter, 'in'));
  return {
    name: requiredText(at(parameter, 'name')),
    in: place,
    ...described(parameter),
    ...(place === 'path' || isTrue(at(parameter, 'required')) ? { required: true } : {}),
    schema: schemaWithout(parameter, OWN),
    ...(place === 'query' && textAt(at(parameter, 'type')) === 'array' ? styleOf(parameter) : {}),
  };
}

function described(parameter: Cursor): JsonObject {
  const description = textAt(at(parameter, 'description')) ?? '';
  return description === '' ? {} : { description };
}

function styleOf(parameter: Cursor): JsonObject {
  const format = textAt(at(parameter, 'collectionFormat')) ?? 'csv';
  const style = Object.hasOwn(STYLES, format) ? STYLES[format] : undefined;
  if (style === undefined) {
    throw broken(at(parameter, 'collectionFormat'), `must be one of ${Object.keys(STYLES).join(', ')}`);
  }
  return style;
}

/** The parameter as a schema: all of it but some members. */
function schemaWithout(parameter: Cursor, names: readonly string[]): Json {
  const members = Object.entries(objectAt(parameter)).filter(([name]) => !names.includes(name));
  return schemaOf({ ...parameter, value: Object.fromEntries(members) });
}

/** The body that `in: body` or the fields of `in: formData` describe; undefined without either. */
export function bodyOf(parameters: readonly Cursor[], media: readonly string[]): JsonObject | undefined {
  const placed = (place: string) => parameters.filter((one) => textAt(at(one, 'in')) === place);
  const [body, second] = placed('body');
  if (second !== undefined) throw broken(second, 'is a second body; an operation has one');
  if (body !== undefined) {
    const schema = schemaOf(at(body, 'schema'));
    return {
      ...described(body),
      ...(isTrue(at(body, 'required')) ? { required: true } : {}),
      content: Object.fromEntries(media.map((type) => [type, { schema }])),
    };
  }
  const fields = placed('formData');
  if (fields.length === 0) return undefined;
  const required = fields.filter((one) => isTrue(at(one, 'required'))).map((one) => requiredText(at(one, 'name')));
  const ofField = OWN.filter((key) => key !== 'description');
  const properties = fields.map((one): [string, Json] => [requiredText(at(one, 'name')), schemaWithout(one, ofField)]);
  const file = fields.some((one) => textAt(at(one, 'type')) === 'file');
  const type =
    file || media.includes('multipart/form-data') ? 'multipart/form-data' : 'application/x-www-form-urlencoded';
  const schema = {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
  };
  return { ...(required.length === 0 ? {} : { required: true }), content: { [type]: { schema } } };
}
