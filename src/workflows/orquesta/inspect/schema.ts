/** The keywords of JSON Schema, draft 4, that are used here. */
export interface Schema {
  readonly type?: JsonType;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly minLength?: number;
  readonly pattern?: Pattern;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly uniqueItems?: true;
  readonly properties?: Readonly<Record<string, Schema>>;
  /** By pattern. */
  readonly patternProperties?: ReadonlyMap<string, { readonly pattern: Pattern; readonly schema: Schema }>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export type JsonType = 'array' | 'boolean' | 'integer' | 'null' | 'number' | 'object' | 'string';

interface Pattern {
  test(text: string): boolean;
  /** In Python's notation, as messages show it. */
  readonly written: string;
}

const WORD = '[\\p{L}\\p{N}_]';
const EXPRESSION = '(?:\\{\\{[^\\n]*?\\}\\}|<%[^\\n]*?%>)';
const ITEMS = new RegExp(`^\\s*(?:(?:${WORD}+,\\s*)*${WORD}+\\s+in\\s+)?${EXPRESSION}\\s*$`, 'u');
const NAME = new RegExp(`^${WORD}+\\n?$`, 'u');

function named(schema: Schema): NonNullable<Schema['patternProperties']> {
  const written = '^\\w+$';
  return new Map([[written, { pattern: { written, test: (text) => NAME.test(text) }, schema }]]);
}

const TEXT: Schema = { type: 'string', minLength: 1 };
const COUNT: Schema = { type: 'integer', minimum: 0 };
const TEXT_OR_COUNT: Schema = { oneOf: [TEXT, COUNT] };
const TEXTS: Schema = { type: 'array', items: TEXT, uniqueItems: true, minItems: 1 };
const ANY: Schema = {
  anyOf: (['null', 'array', 'boolean', 'integer', 'number', 'object', 'string'] as const).map((type) => ({ type })),
};
const PARAMETERS: Schema = { type: 'object', minProperties: 1, patternProperties: named(ANY) };
const ENTRY: Schema = { ...PARAMETERS, maxProperties: 1 };
const ENTRIES: Schema = { type: 'array', items: ENTRY, uniqueItems: true, minItems: 1 };

const TRANSITION: Schema = {
  type: 'object',
  properties: { when: TEXT, publish: { oneOf: [TEXT, ENTRIES] }, do: { oneOf: [TEXT, TEXTS] } },
  additionalProperties: false,
};

const WITH: Schema = {
  type: 'object',
  properties: {
    items: {
      type: 'string',
      minLength: 1,
      pattern: {
        // An equal pattern that reads a text without ever going back over it.
        test: (text) => ITEMS.test(text),
        written:
          '^(\\s+)?({{.*?}}|<%.*?%>)(\\s+)?$|^(\\s+)?((\\w+,\\s?|\\s+)+)?(\\w+)\\s+in\\s+({{.*?}}|<%.*?%>)(\\s+)?$',
      },
    },
    concurrency: TEXT_OR_COUNT,
  },
  additionalProperties: false,
};

const RETRY: Schema = {
  type: 'object',
  properties: { when: TEXT, count: TEXT_OR_COUNT, delay: TEXT_OR_COUNT },
  required: ['count'],
  additionalProperties: false,
};

const TASK: Schema = {
  type: 'object',
  properties: {
    delay: TEXT_OR_COUNT,
    join: { oneOf: [{ enum: ['all'] }, COUNT] },
    with: WITH,
    action: TEXT,
    input: { oneOf: [TEXT, PARAMETERS] },
    retry: RETRY,
    next: { type: 'array', items: TRANSITION },
    // Ours.
    compensate: {
      type: 'object',
      properties: { action: TEXT, input: { oneOf: [TEXT, PARAMETERS] } },
      required: ['action'],
      additionalProperties: false,
    },
  },
  additionalProperties: false,
};

/** The tables of orquesta.md, section 1, cut as Orquesta's own schema is: its paths are part of what inspection answers. */
export const WORKFLOW: Schema = {
  type: 'object',
  properties: {
    vars: ENTRIES,
    input: { type: 'array', items: { oneOf: [TEXT, ENTRY] }, uniqueItems: true, minItems: 1 },
    output: ENTRIES,
    tasks: { type: 'object', minProperties: 1, patternProperties: named(TASK) },
    name: TEXT,
    version: { anyOf: [TEXT, COUNT, { type: 'number', minimum: 0 }], enum: ['1.0', 1] },
    description: TEXT,
    tags: TEXTS,
    // Ours.
    rollback: { type: 'boolean' },
  },
  required: ['tasks'],
  additionalProperties: false,
};
