import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { isJsonObject, type Json, type JsonObject, messageOf, PetrelError } from '../model/index.ts';

/**
 * `k=v` words to parameters. Values stay text (the action's schema casts them, as StackStorm's own command does), except `k:=JSON`.
 * `k=@file` reads the value from a file, and `@file` alone many of them, as YAML or JSON; what is said behind it wins. Throws `PetrelError`
 * (`invalid`).
 */
export async function parseParameters(words: readonly string[]): Promise<JsonObject> {
  const parameters: Record<string, Json> = Object.create(null);
  for (const word of words) {
    if (word.startsWith('@')) {
      Object.assign(parameters, await readDocument(word.slice(1)));
      continue;
    }
    const match = /^([^=:]+)(:?=)([\s\S]*)$/.exec(word);
    if (match === null)
      throw new PetrelError('invalid', `"${word}" is not a parameter; write name=value, or name:=JSON.`);
    const [, name = '', operator, text = ''] = match;
    const value = text.startsWith('@') ? await readText(text.slice(1)) : text;
    parameters[name] = operator === ':=' ? parseJson(value, `parameter ${name}`) : value;
  }
  return parameters;
}

/** JSON given on the command line, or in a file as `@file`. */
export async function parseObject(text: string, what: string): Promise<JsonObject> {
  const value = parseJson(text.startsWith('@') ? await readText(text.slice(1)) : text, what);
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
  const text = await readText(file);
  const { parse } = await import('yaml');
  try {
    return parse(text) as Json; // without tags of its own, YAML's core schema says what JSON says
  } catch (error) {
    throw new PetrelError('invalid', `${placeOf(file)} is neither YAML nor JSON: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function readText(file: string): Promise<string> {
  try {
    return file === '-' ? await textOf(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new PetrelError('invalid', `${placeOf(file)} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function placeOf(file: string): string {
  return file === '-' ? 'Standard input' : `The file ${file}`;
}
