import type { Inquiry } from '../../client/index.ts';
import { isJsonObject, type Json, type JsonObject, PetrelError } from '../../model/index.ts';
import { parseObject, parseParameters } from '../arguments.ts';
import { openTerminal } from '../ask.ts';
import { connect } from '../client.ts';
import { type GlobalOptions, type LimitOptions, limitOf } from '../options.ts';
import { column, print, printList } from '../output.ts';

const COLUMNS = [
  column('ID', 'id'),
  column('ROLES', 'roles'),
  column('USERS', 'users'),
  column('ROUTE', 'route'),
  column('TTL', 'ttl'),
];

export async function list(options: GlobalOptions & LimitOptions): Promise<void> {
  const client = await connect(options);
  const { items, total } = await client.page('GET /inquiries', { query: { limit: limitOf(options) } });
  await printList(items, COLUMNS, options, total);
}

export async function get(ids: readonly string[], options: GlobalOptions): Promise<void> {
  for (const id of ids) {
    const inquiry = await find(id, options);
    await print(inquiry, options, () =>
      [
        `id:     ${inquiry.id}`,
        `route:  ${inquiry.route}`,
        `ttl:    ${inquiry.ttl === 0 ? 'for ever' : `${inquiry.ttl} minutes`}`,
        `users:  ${JSON.stringify(inquiry.users)}`,
        `roles:  ${JSON.stringify(inquiry.roles)}`,
        '',
        'schema:',
        JSON.stringify(inquiry.schema, null, 2),
      ].join('\n'),
    );
  }
}

interface RespondOptions extends GlobalOptions {
  readonly response?: string;
}

export async function respond(id: string, fields: readonly string[], options: RespondOptions): Promise<void> {
  const response = await answerTo(id, fields, options);
  const answered = await (await connect(options)).call('PUT /inquiries/{id}', { path: { id }, body: { id, response } });
  await print(answered, options, () => `Inquiry ${id} has its answer.`);
}

async function answerTo(id: string, fields: readonly string[], options: RespondOptions): Promise<JsonObject> {
  const { response } = options;
  if (response !== undefined && fields.length > 0) {
    throw new PetrelError('invalid', 'Give the answer either as --response or as name=value, not as both.');
  }
  if (response !== undefined) return await parseObject(response, 'response');
  if (fields.length === 0 && !process.stdin.isTTY) {
    throw new PetrelError('invalid', 'There is no terminal to ask; give the answer as name=value or --response JSON.');
  }
  const properties = propertiesOf(await find(id, options));
  if (fields.length === 0) return await ask(properties);
  const given = await parseParameters(fields);
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, cast(value, properties[name])]));
}

async function find(id: string, options: GlobalOptions): Promise<Inquiry> {
  return await (await connect(options)).call('GET /inquiries/{id}', { path: { id } });
}

type Properties = Readonly<Record<string, JsonObject>>;

function propertiesOf({ schema }: Inquiry): Properties {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, isJsonObject(field) ? field : {}]),
  );
}

/** Field by field. What is left empty is left out: the server says what it cannot do without. */
async function ask(properties: Properties): Promise<JsonObject> {
  const terminal = openTerminal();
  const answers: Record<string, Json> = {};
  try {
    for (const [name, schema] of Object.entries(properties)) {
      const about = typeof schema.description === 'string' ? `${schema.description} ` : '';
      const question = `${about}${name}${hintOf(schema)}: `;
      const text = schema.secret === true ? await terminal.askSecret(question) : await terminal.ask(question);
      if (text.trim() !== '') answers[name] = cast(text.trim(), schema);
    }
  } finally {
    terminal.close();
  }
  return answers;
}

function hintOf({ type, enum: choices, required }: JsonObject): string {
  const kind = Array.isArray(choices) ? choices.map(String).join(' | ') : String(type ?? 'string');
  return ` (${kind}${required === true ? '' : ', may be left empty'})`;
}

/** Text as the schema wants it, where it can be read so; otherwise as it is, and the server says what is wrong. */
function cast(value: Json | undefined, schema: JsonObject | undefined): Json {
  if (typeof value !== 'string') return value ?? null;
  switch (schema?.type) {
    case 'boolean':
      return /^(?:true|yes|y)$/i.test(value) ? true : /^(?:false|no|n)$/i.test(value) ? false : value;
    case 'integer':
    case 'number':
      return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
    case 'array':
    case 'object':
      try {
        return JSON.parse(value) as Json; // JSON.parse answers JSON
      } catch {
        return value;
      }
    default:
      return value;
  }
}
