import { readFile } from 'node:fs/promises';
import { isJsonObject, type Json, type JsonObject, messageOf, PetrelError } from '../model/index.ts';

/**
 * `k=v` words to parameters. Values stay text (the action's schema casts them, as StackStorm's own command does), except `k:=JSON`.
 * `k=@file` reads the value from a file. Throws `PetrelError` (`invalid`).
 */
export async function parseParameters(words: readonly string[]): Promise<JsonObject> {
  const parameters: Record<string, Json> = Object.create(null);
  for (const word of words) {
    const match = /^([^=:]+)(:?=)([\s\S]*)$/.exec(word);
    if (match === null)
      throw new PetrelError('invalid', `"${word}" is not a parameter; write name=value, or name:=JSON.`);
    const [, name = '', operator, text = ''] = match;
    const value = text.startsWith('@') ? await readFile(text.slice(1), 'utf8') : text;
    parameters[name] = operator === ':=' ? parseJson(value, `parameter ${name}`) : value;
  }
  return parameters;
}

/** JSON given on the command line, or in a file as `@file`. */
export async function parseObject(text: string, what: string): Promise<JsonObject> {
  const value = parseJson(text.startsWith('@') ? await readFile(text.slice(1), 'utf8') : text, what);
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
