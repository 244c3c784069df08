import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { isJsonObject, type Json, type JsonObject, messageOf, PetrelError } from '../model/index.ts';

/** What an action's parameters are, as far as their text depends on it. */
export type Schemas = Readonly<Record<string, JsonObject>>;

/** A parameter as it was written, before anybody knows what kind of value it is. */
interface Word {
  readonly name: string;
  /** Text is still to be read as the parameter's schema wants it. */
  readonly value: { readonly text: string } | { readonly json: Json };
}

/**
 * `k=v` words to parameters. Text is read as the schema wants it: a list may be `a,b,c`, an object `k=v,k2=v2`; everything else stays text,
 * which the server casts, as StackStorm's own command does. `k:=JSON` says the value itself, `k=@file` takes it from a file, `@k=file` as
 * well (st2's way), and `@file` reads many of them, as YAML or JSON; what is said behind it wins. The first word that is no parameter
 * begins the `cmd` of an action that has one: `core.local uname -a`. `schemas` is asked only when there is text. Throws `PetrelError`
 * (`invalid`).
 */
export async function parseParameters(
  words: readonly string[],
  schemas: () => Promise<Schemas> = async () => ({}),
  { autoDict = false }: { readonly autoDict?: boolean } = {},
): Promise<JsonObject> {
  const parameters: Record<string, Json> = Object.create(null);
  const known = once(schemas);
  for (const [index, word] of words.entries()) {
    if (/^@[^=]*$/.test(word)) {
      Object.assign(parameters, await readDocument(word.slice(1)));
      continue;
    }
    const read = await readWord(word);
    if (read === undefined) {
      const { cmd } = await known();
      if (cmd === undefined || cmd.immutable === true) {
        throw new PetrelError('invalid', `"${word}" is not a parameter; write name=value, or name:=JSON.`);
      }
      parameters.cmd = words.slice(index).join(' ');
      break;
    }
    const { name, value } = read;
    if ('json' in value) {
      parameters[name] = value.json;
      continue;
    }
    const schema = (await known())[name] ?? {};
    const before = parameters[name];
    const now = readText(value.text, schema, name, autoDict);
    // As st2: a list that is named again grows.
    parameters[name] = Array.isArray(before) && Array.isArray(now) ? [...before, ...now] : now;
  }
  return parameters;
}

async function readWord(word: string): Promise<Word | undefined> {
  const [, marked, name = '', operator, text = ''] = /^(@?)([^=:]+)(:?=)([\s\S]*)$/.exec(word) ?? [];
  if (operator === undefined) return undefined;
  if (marked === '@') return { name, value: { text: await readFileText(text) } };
  const said = text.startsWith('@') ? await readFileText(text.slice(1)) : text;
  return { name, value: operator === ':=' ? { json: parseJson(said, `parameter ${name}`) } : { text: said } };
}

/** A list or an object as people write them; JSON where it is JSON. */
function readText(text: string, schema: JsonObject, name: string, autoDict: boolean): Json {
  const what = `parameter ${name}`;
  const trimmed = text.trim();
  if (schema.type === 'array' && trimmed.startsWith('[')) return parseJson(text, what);
  if (schema.type === 'object' && trimmed.startsWith('{')) return parseJson(text, what);
  // A template, and what stands for nothing, is the server's.
  if (trimmed === '' || trimmed.startsWith('{{')) return text;
  if (schema.type === 'object') return readPairs(text, what);
  if (schema.type !== 'array') return text;
  const isOfObjects = isJsonObject(schema.items) && schema.items.type === 'object';
  if ((isOfObjects || autoDict) && /^[^,:]+:/.test(trimmed)) return [readPairs(text, what)];
  return trimmed.split(',').map((item) => castItem(item.trim(), schema.items));
}

/** `k=v,k2=v2`, as st2 writes it, or `k:v,k2:v2`. */
function readPairs(text: string, what: string): JsonObject {
  return Object.fromEntries(
    text.split(',').map((pair): [string, string] => {
      const [, key, value] = /^\s*([^=:]+?)\s*[=:]\s*([\s\S]*?)\s*$/.exec(pair) ?? [];
      if (key !== undefined && value !== undefined) return [key, value];
      throw new PetrelError(
        'invalid',
        `The ${what} is an object, and "${pair}" is no part of one; write key=value,key2=value2 or JSON in braces.`,
      );
    }),
  );
}

/** As the schema of a list's items says, where the text can be read so. */
function castItem(text: string, items: Json | undefined): Json {
  const type = isJsonObject(items) ? items.type : undefined;
  const isNumber = type === 'integer' || type === 'number' || (type === undefined && /^-?\d+$/.test(text));
  if (isNumber && text !== '' && Number.isFinite(Number(text))) return Number(text);
  if (type === 'boolean' && /^(?:true|false)$/i.test(text)) return /^true$/i.test(text);
  return text;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** JSON given on the command line, or in a file as `@file`. */
export async function parseObject(text: string, what: string): Promise<JsonObject> {
  const value = parseJson(text.startsWith('@') ? await readFileText(text.slice(1)) : text, what);
  if (!isJsonObject(value)) throw new PetrelError('invalid', `The ${what} must be a JSON object.`);
  return value;
}

function parseJson(text: string, what: string): Json {
  try {
    return JSON.parse(text) as Json; // JSON.parse answers JSON
  } catch (error) {
    throw new PetrelError('invalid', `The ${what} is not JSON: ${messageOf(error)}`, { cause: error });
  }
}

/** A file with one object, YAML or JSON; `-` is standard input. Throws `PetrelError` (`invalid`) with the place. */
export async function readDocument(file: string): Promise<JsonObject> {
  const value = await readYaml(file);
  if (isJsonObject(value)) return value;
  throw new PetrelError('invalid', `${placeOf(file)} must hold one object, as in "name: value".`);
}

/** A file with YAML or JSON; `-` is standard input. Errors as `readDocument`. */
export async function readYaml(file: string): Promise<Json> {
  const text = await readFileText(file);
  const { parse } = await import('yaml');
  try {
    return parse(text) as Json; // without tags of its own, YAML's core schema says what JSON says
  } catch (error) {
    throw new PetrelError('invalid', `${placeOf(file)} is neither YAML nor JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function readFileText(file: string): Promise<string> {
  try {
    return file === '-' ? await textOf(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new PetrelError('invalid', `${placeOf(file)} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function placeOf(file: string): string {
  return file === '-' ? 'Standard input' : `The file ${file}`;
}
