import { isJsonObject } from '../../model/index.ts';
import {
  at,
  broken,
  type Cursor,
  follow,
  isTrue,
  itemsOf,
  membersOf,
  requiredText,
  textAt,
} from '../openapi/cursor.ts';
import { schemaComment } from './object-types.ts';
import { type TypeScope, textOf, typeOf } from './types.ts';

export interface Parameter {
  /** Its name in the parameters object; that of the description unless two places have the same. */
  readonly key: string;
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required: boolean;
  readonly type: string;
  /** Doc comment with its line end; empty without. */
  readonly comment: string;
  /** How it is written into the request, as far as that differs from the default of its place. */
  readonly style: Readonly<Record<string, string | boolean>>;
}

const PLACES = ['path', 'query', 'header', 'cookie'] as const;

const isPlace = (text: string): text is Parameter['in'] => PLACES.some((place) => place === text);

/** Headers that belong to the request itself: OpenAPI says to ignore a parameter of that name. */
const IGNORED: readonly string[] = ['accept', 'content-type', 'authorization'];

/** The parameters of an operation and of its path, those the path alone names among them. */
export function readParameters(scope: TypeScope, path: string, item: Cursor, operation: Cursor): readonly Parameter[] {
  const found = new Map<string, Cursor>();
  for (const one of [...itemsOf(at(item, 'parameters')), ...itemsOf(at(operation, 'parameters'))]) {
    const parameter = follow(scope.root, one);
    const name = requiredText(at(parameter, 'name'));
    const place = requiredText(at(parameter, 'in'));
    if (place === 'header' && IGNORED.includes(name.toLowerCase())) continue;
    found.set(`${place} ${name}`, parameter); // an operation's own replaces that of its path
  }
  // What every object has would be read where the caller gave nothing.
  const keys = new Set<string>(['body', 'contentType', ...Object.getOwnPropertyNames(Object.prototype)]);
  const keyOf = (name: string, place: string): string => {
    let key = keys.has(name) ? `${name.replace(/^_+/, '')}_${place}` : name;
    while (keys.has(key)) key += '_';
    keys.add(key);
    return key;
  };
  const parameters = [...found.values()].map((one) => readParameter(scope, one, keyOf));
  for (const placed of parameters) {
    if (placed.in === 'path' && !path.includes(`{${placed.name}}`)) {
      throw broken(operation, `has the path parameter "${placed.name}", which its path ${path} does not hold`);
    }
  }
  // Many a description leaves out what its path says already.
  const named = new Set(parameters.filter((one) => one.in === 'path').map((one) => one.name));
  const implied = [...path.matchAll(/\{([^{}]+)\}/g)].flatMap(([, name = '']): Parameter[] => {
    if (named.has(name)) return [];
    named.add(name);
    return [{ key: keyOf(name, 'path'), name, in: 'path', required: true, type: 'string', comment: '', style: {} }];
  });
  return [...implied, ...parameters];
}

function readParameter(scope: TypeScope, parameter: Cursor, keyOf: (name: string, place: string) => string): Parameter {
  const name = requiredText(at(parameter, 'name'));
  const place = requiredText(at(parameter, 'in'));
  if (!isPlace(place)) throw broken(at(parameter, 'in'), `must be one of ${PLACES.join(', ')}`);
  const [content] = membersOf(at(parameter, 'content'));
  const schema = content === undefined ? at(parameter, 'schema') : at(content[1], 'schema');
  return {
    key: keyOf(name, place),
    name,
    in: place,
    required: place === 'path' || isTrue(at(parameter, 'required')),
    type: textOf(typeOf(scope, schema, { indent: '  ' })),
    comment: schemaComment(described(parameter, schema), '  '),
    style: styleOf(parameter, place, content?.[0]),
  };
}

/** A parameter's own words, with the format and default of its schema. */
function described(parameter: Cursor, schema: Cursor): Cursor {
  const { description, deprecated } = isJsonObject(parameter.value) ? parameter.value : {};
  const inner = isJsonObject(schema.value) && schema.value.$ref === undefined ? schema.value : {};
  return {
    ...parameter,
    value: {
      ...inner,
      ...(description === undefined ? {} : { description }),
      ...(deprecated === undefined ? {} : { deprecated }),
    },
  };
}

const STYLES: Readonly<Record<Parameter['in'], readonly string[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'tabDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

function styleOf(parameter: Cursor, place: Parameter['in'], content: string | undefined): Parameter['style'] {
  if (content !== undefined) return { json: true };
  const [usual = ''] = STYLES[place];
  const style = textAt(at(parameter, 'style')) ?? usual;
  if (!STYLES[place].includes(style)) {
    throw broken(
      at(parameter, 'style'),
      `is "${style}"; for a parameter in ${place} it is ${STYLES[place].join(', ')}`,
    );
  }
  const explode = at(parameter, 'explode').value;
  const exploded = typeof explode === 'boolean' ? explode : style === 'form';
  return {
    ...(style === usual ? {} : { style }),
    ...(exploded === (style === 'form') ? {} : { explode: exploded }),
    ...(at(parameter, 'x-many-segments').value === true ? { manySegments: true } : {}),
  };
}
