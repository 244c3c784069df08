import fc from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '../../src/model/index.ts';
import type { Contract } from './contract.ts';

/** One request that the document allows, or almost. */
export interface FuzzedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Texts that have broken other programs. Nothing among them runs a command when it is taken as an action. */
const JUNK: readonly string[] = [
  ...['', ' ', '.', '..', '../../etc/passwd', '/', '//', '%', '%00', '\0', '\u{1f426}', '\ud800', 'null', 'undefined'],
  ...[
    'NaN',
    '-1',
    '0',
    '1e309',
    '9007199254740993',
    'true',
    '[]',
    '{}',
    "' OR 1=1 --",
    '"',
    '\\',
    '{{ 7 * 7 }}',
    '<% ctx() %>',
  ],
  ...['__proto__', 'constructor', 'toString', 'a,b,,c', 'x'.repeat(1500), 'a.b.c.d', '*', '?x=1', '#', ';', '\r\nX: y'],
];

/** `known`: references and ids that exist, so that more than the door is tried. */
export function requestArbitrary(contract: Contract, document: JsonObject, known: readonly string[]) {
  const word = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...known) },
    { weight: 2, arbitrary: fc.constantFrom(...JUNK) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  );
  const schemas = (document.components as { schemas: Readonly<Record<string, JsonObject>> }).schemas; // an OpenAPI document
  const value = valueArbitrary(schemas, word);
  // The event streams do not end, by design.
  const names = [...contract.operations.keys()].filter((name) => !name.includes('/stream/'));

  return fc.constantFrom(...names).chain((name) => {
    const operation = contract.operations.get(name);
    const [method = '', template = ''] = name.split(' ');
    const path = fc.array(word, { minLength: 3, maxLength: 3 }).map((words) => {
      const rest = [...words];
      return template.replaceAll(/\{\w+\}/g, () => encoded(rest.pop() ?? ''));
    });
    const parameters = (operation?.parameters ?? []).filter((parameter) => parameter.in === 'query');
    const query = fc
      .tuple(
        ...parameters.map((parameter) =>
          // It may hold a request for a minute, by design.
          fc.oneof(
            { weight: 7, arbitrary: fc.constant(null) },
            { weight: 1, arbitrary: parameter.name === 'wait' ? fc.constant('0.01') : value(parameter.schema, 0) },
          ),
        ),
      )
      .map((values) =>
        values
          .flatMap((given, index) => {
            const text = typeof given === 'string' ? given : JSON.stringify(given);
            return given === null ? [] : [`${parameters[index]?.name}=${encoded(text)}`];
          })
          .join('&'),
      );
    const schema = operation?.requestBody?.content['application/json']?.schema;
    const body =
      schema === undefined
        ? fc.constant(undefined)
        : fc.oneof(
            { weight: 12, arbitrary: value(schema, 0).map((given) => JSON.stringify(given)) },
            { weight: 1, arbitrary: fc.constantFrom('', '{', 'null', '[]', '"x"', '{"__proto__": {"a": 1}}') },
          );
    const headers = fc.constantFrom<Readonly<Record<string, string>>>(
      ...Array.from({ length: 12 }, () => ({})),
      { 'st2-context': '{"user": "x"}' },
      { 'st2-context': '[' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/xml' },
      { 'if-none-match': '"x"' },
    );
    return fc.record({ path, query, body, headers }).map(
      (parts): FuzzedRequest => ({
        method,
        path: parts.path + (parts.query === '' ? '' : `?${parts.query}`),
        headers: parts.headers,
        ...(parts.body !== undefined && { body: parts.body }),
      }),
    );
  });
}

/** As a client writes it. Half a character cannot be written. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString().slice(0, 1500)).replaceAll('.', '%2E');
}

/** Values of a JSON schema, and now and then something else in the place of any part of them. */
function valueArbitrary(schemas: Readonly<Record<string, JsonObject>>, word: fc.Arbitrary<string>) {
  const anything: fc.Arbitrary<Json> = fc.oneof(
    word,
    fc.constantFrom<Json>(null, true, false, 0, -1, 1.5, 1e300, [], {}, [[]]),
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>, // it makes JSON
  );
  const of = (schema: JsonObject, depth: number): fc.Arbitrary<Json> =>
    fc.oneof({ weight: 12, arbitrary: strictly(schema, depth) }, { weight: 1, arbitrary: anything });
  const strictly = (schema: JsonObject, depth: number): fc.Arbitrary<Json> => {
    const { $ref, anyOf, type, properties, required, items, additionalProperties } = schema;
    if (typeof $ref === 'string') return of(schemas[$ref.split('/').at(-1) ?? ''] ?? {}, depth + 1);
    if (Array.isArray(anyOf)) return fc.oneof(...anyOf.filter(isJsonObject).map((one) => of(one, depth + 1)));
    if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as readonly Json[]));
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (depth > 6) return fc.constant(null);
    if (type === 'object' || properties !== undefined) {
      const fixed = Object.entries(isJsonObject(properties) ? properties : {});
      const needed = Array.isArray(required) ? required : [];
      const shape = Object.fromEntries(
        fixed.map(([name, inner]) => [name, of(isJsonObject(inner) ? inner : {}, depth + 1)]),
      );
      const whole = fc.record(shape, {
        requiredKeys: fixed.map(([name]) => name).filter((name) => needed.includes(name)),
      });
      if (additionalProperties === false) return whole as fc.Arbitrary<Json>; // a record of JSON
      const more = fc.dictionary(
        word,
        isJsonObject(additionalProperties) ? of(additionalProperties, depth + 1) : anything,
        { maxKeys: 2 },
      );
      const rarely = fc.oneof({ weight: 8, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: more });
      return fc.tuple(rarely, whole).map(([extra, own]) => ({ ...extra, ...own }) as Json); // likewise
    }
    if (type === 'array') return fc.array(of(isJsonObject(items) ? items : {}, depth + 1), { maxLength: 3 });
    if (type === 'integer') return fc.oneof(fc.integer({ min: -3, max: 200 }), fc.maxSafeInteger());
    if (type === 'number') return fc.double();
    if (type === 'boolean') return fc.boolean();
    if (type === 'null') return fc.constant(null);
    return type === 'string' ? word : anything;
  };
  return of;
}
