import { Dict, float } from '../../expressions/index.ts';
import { isJsonObject, type Json, type JsonObject, PetrelError } from '../../model/index.ts';
import { parseSource, type Source } from '../../packs/index.ts';

type Path = readonly (string | number)[];

/** A definition's text, read. Nothing is checked yet but that it is a mapping. */
export interface LoadedDefinition {
  readonly file: string;
  /** Plain JSON: `1.0` is `1` in it. */
  readonly document: JsonObject;
  /** The same with whole floats kept apart from integers (`Float`), which a `delay` or a `join` must not be. */
  readonly written: unknown;
  /** Where the thing stands that inspection names by its `spec_path`; null is the whole definition. */
  place(specPath: string | null): { readonly line: number; readonly column: number };
}

/**
 * Reads YAML as StackStorm does: YAML 1.1 scalars, a key given twice in a mapping is an error. `version` is not demanded.
 * Throws `PetrelError` (`invalid`) whose details hold `file`, `line` and `column`.
 */
export function loadDefinition(text: string, file: string): LoadedDefinition {
  const source = parseSource(text, { file, pack: '' }, { uniqueKeys: true });
  const [problem] = source.problems.filter(({ severity }) => severity === 'error');
  if (problem !== undefined) throw unloadable(file, problem.message, problem);
  const document = source.value ?? null;
  if (!isJsonObject(document)) {
    throw unloadable(file, 'A definition is a mapping with "tasks" in it.', { line: 1, column: 1 });
  }
  if (Object.keys(document).length === 0) throw unloadable(file, 'The definition is empty.', { line: 1, column: 1 });
  checkNames(document, source, text);
  return {
    file,
    document,
    written: withFloats(document, source, []),
    place: (specPath) => source.place(pathOf(specPath ?? '')),
  };
}

/** `tasks.t1.next[0].do` as steps. No name that inspection puts into a path has a dot or a bracket in it. */
function pathOf(specPath: string): Path {
  return [...specPath.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([name, index]) =>
    index === undefined ? name : Number(index),
  );
}

function withFloats(value: Json, source: Source, path: Path): unknown {
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    return source.written(path)?.includes('.') === true ? float(value) : value;
  }
  if (Array.isArray(value)) return value.map((item: Json, index) => withFloats(item, source, [...path, index]));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [
    key,
    withFloats(item ?? null, source, [...path, key]),
  ]);
  return entries.some(([key]) => INTEGER.test(key))
    ? new Dict(asWritten(entries, source, path))
    : Object.fromEntries(entries);
}

const INTEGER = /^\d+$/;

/** JavaScript puts keys that look like integers first, in ascending order. */
function asWritten(entries: readonly [string, unknown][], source: Source, path: Path): [string, unknown][] {
  const placed = entries.map((entry) => ({ entry, ...source.place([...path, entry[0]], 'key') }));
  return placed.sort((one, other) => one.line - other.line || one.column - other.column).map(({ entry }) => entry);
}

/** Names that YAML reads as something else than text. Orquesta breaks on them, JSON would take them for text. */
function checkNames(document: JsonObject, source: Source, text: string): void {
  const lines = text.split(/\r\n|\n|\r/);
  for (const path of namedPaths(document)) {
    const name = String(path.at(-1));
    if (!MAY_BE_NO_TEXT.test(name) || typeof parseSource(name, { file: '', pack: '' }).value === 'string') continue;
    const place = source.place(path, 'key');
    if (/^["']/.test(lines[place.line - 1]?.slice(place.column - 1) ?? '')) continue;
    throw unloadable(source.file, `The name ${name} is no text in YAML; put it in quotes.`, place);
  }
}

const MAY_BE_NO_TEXT = /^(?:$|[-+.~\d]|(?:yes|no|true|false|on|off|null)$)/i;

/** Where names of tasks, variables and parameters stand. */
function* namedPaths(document: JsonObject): Generator<Path> {
  for (const key of ['input', 'vars', 'output']) yield* entryNames(document[key], [key]);
  const { tasks } = document;
  if (!isJsonObject(tasks)) return;
  for (const [name, task] of Object.entries(tasks)) {
    const path = ['tasks', name];
    yield path;
    if (!isJsonObject(task)) continue;
    if (isJsonObject(task.input)) for (const key of Object.keys(task.input)) yield [...path, 'input', key];
    const next: readonly Json[] = Array.isArray(task.next) ? task.next : [];
    for (const [index, transition] of next.entries()) {
      if (isJsonObject(transition)) yield* entryNames(transition.publish, [...path, 'next', index, 'publish']);
    }
  }
}

function* entryNames(entries: Json | undefined, path: Path): Generator<Path> {
  const list: readonly Json[] = Array.isArray(entries) ? entries : [];
  for (const [index, entry] of list.entries()) {
    if (isJsonObject(entry)) for (const key of Object.keys(entry)) yield [...path, index, key];
  }
}

function unloadable(file: string, why: string, { line, column }: { line: number; column: number }): PetrelError {
  const message = `Failed to load workflow definition from "${file}": line ${line}, column ${column}: ${why}`;
  return new PetrelError('invalid', message, { details: { file, line, column } });
}
