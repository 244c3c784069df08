import { isJsonObject, type Json, type JsonObject, PetrelError } from '../../model/index.ts';
import { parseObject, parseParameters } from '../arguments.ts';
import { openTerminal } from '../ask.ts';
import { call, findConnection } from '../client.ts';
import type { GlobalOptions } from '../options.ts';
import { column, print, table } from '../output.ts';

interface ListOptions extends GlobalOptions {
  readonly limit: string;
}

const COLUMNS = [
  column('ID', 'id'),
  column('ROLES', 'roles'),
  column('USERS', 'users'),
  column('ROUTE', 'route'),
  column('TTL', 'ttl'),
];

export async function list(options: ListOptions): Promise<void> {
  const path = `/inquiries?limit=${encodeURIComponent(options.limit)}`;
  const { body, total = 0 } = await call(findConnection(options, process.env), 'GET', path);
  print(body, options.json === true, () => {
    const rows = body as readonly JsonObject[]; // a list answers an array
    const more = total > rows.length ? `\n${rows.length} of ${total}; -n ${total} shows all.` : '';
    return table(rows, COLUMNS) + more;
  });
}

export async function get(id: string, options: GlobalOptions): Promise<void> {
  const inquiry = await find(id, options);
  print(inquiry, options.json === true, () =>
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

interface RespondOptions extends GlobalOptions {
  readonly response?: string;
}

export async function respond(id: string, fields: readonly string[], options: RespondOptions): Promise<void> {
  const response = await answerTo(id, fields, options);
  const { body } = await call(findConnection(options, process.env), 'PUT', `/inquiries/${id}`, { id, response });
  print(body, options.json === true, () => `Inquiry ${id} has its answer.`);
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

async function find(id: string, options: GlobalOptions): Promise<JsonObject> {
  return (await call(findConnection(options, process.env), 'GET', `/inquiries/${id}`)).body as JsonObject; // an inquiry
}

type Properties = Readonly<Record<string, JsonObject>>;

function propertiesOf({ schema }: JsonObject): Properties {
  const properties = isJsonObject(schema) && isJsonObject(schema.properties) ? schema.properties : {};
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
