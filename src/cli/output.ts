import { isJsonObject, type Json, type JsonObject, messageOf, PetrelError } from '../model/index.ts';
import type { OutputOptions } from './options.ts';

/** Machines get JSON or YAML, people what `human` makes of it; and whoever names attributes gets those. */
export async function print(value: Json, options: OutputOptions, human: (value: Json) => string): Promise<void> {
  const { attr = [] } = options;
  const isWhole = attr.length === 0 || attr.includes('all');
  const shown = isWhole ? value : picked(value, namesIn(attr));
  if (options.json === true) return write(JSON.stringify(shown, null, 2));
  if (options.yaml === true) return write((await import('yaml')).stringify(shown).trimEnd());
  if (attr.length === 0) return write(human(value));
  if (isJsonObject(value)) return write(isWhole ? fields(value) : table(rowsOf(value, namesIn(attr)), FIELDS));
  const rows = Array.isArray(value) ? (value as readonly JsonObject[]) : []; // a list of things
  const names = isWhole ? Object.keys(rows[0] ?? {}) : namesIn(attr);
  write(
    table(
      rows,
      names.map((name) => column(name.toUpperCase(), name)),
      options.width,
    ),
  );
}

/** A list, as a table with these columns. `total`: how many there are, when it is more than is shown. */
export async function printList(
  rows: Json,
  columns: readonly Column[],
  options: OutputOptions,
  total?: number,
): Promise<void> {
  await print(rows, options, () => {
    const shown = rows as readonly JsonObject[]; // a list answers an array
    const more =
      total !== undefined && total > shown.length ? `\n${shown.length} of ${total}; -n ${total} shows all.` : '';
    return table(shown, columns, options.width) + more;
  });
}

/** One thing, field by field. */
export async function printFields(thing: Json, options: OutputOptions): Promise<void> {
  await print(thing, options, () => fields(thing as JsonObject)); // one thing is an object
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}

export interface Column {
  readonly title: string;
  value(row: JsonObject): string;
}

const FIELDS = [column('FIELD', 'field'), column('VALUE', 'value')];

function fields(thing: JsonObject): string {
  return table(rowsOf(thing, Object.keys(thing)), FIELDS);
}

function rowsOf(thing: JsonObject, names: readonly string[]): JsonObject[] {
  return names.map((field) => ({ field, value: thing[field] ?? at(thing, field) ?? null }));
}

/** Left-aligned columns, as wide as their widest cell, or as `widths` says: one number for all, or one for each. */
export function table(rows: readonly JsonObject[], columns: readonly Column[], widths: readonly string[] = []): string {
  if (rows.length === 0) return 'Nothing found.';
  const most = namesIn(widths).map(Number);
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map((column) => column.value(row))),
  ].map((line) => line.map((text, index) => cut(text, most.length === 1 ? most[0] : most[index])));
  const wide = columns.map((_, index) => Math.max(...cells.map((line) => (line[index] ?? '').length)));
  return cells
    .map((line) =>
      line
        .map((text, index) => text.padEnd(wide[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cut(text: string, most: number | undefined): string {
  return most !== undefined && most > 0 && text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** A column that shows a field, which may lie deeper: `action.ref`. */
export function column(title: string, path: string): Column {
  return { title, value: (row) => cell(at(row, path)) };
}

/** What lies at a path such as `result.stdout`; a number reaches into a list. Undefined: nothing. */
export function at(value: Json, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>(step, value);
}

function step(value: Json | undefined, name: string): Json | undefined {
  if (Array.isArray(value)) return value.at(Number(name));
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Only these attributes of a thing, or of each of a list, nested as they are. */
function picked(value: Json, names: readonly string[]): Json {
  if (Array.isArray(value)) return value.map((one) => picked(one, names));
  if (!isJsonObject(value)) return value;
  const found: Record<string, Json> = {};
  for (const name of names) {
    const [first = '', ...rest] = name.split('.');
    const inside = value[first];
    if (inside === undefined) continue;
    const before = found[first];
    const part = rest.length === 0 ? inside : picked(inside, [rest.join('.')]);
    found[first] = isJsonObject(before) && isJsonObject(part) ? { ...before, ...part } : part;
  }
  return found;
}

/** Names with spaces or commas between them. */
export function namesIn(words: readonly string[]): string[] {
  return words
    .flatMap((word) => word.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function cell(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `2024-05-01 12:00:00` of a time stamp. */
export function shortTime(value: Json | undefined): string {
  return typeof value === 'string' ? value.slice(0, 19).replace('T', ' ') : '';
}

/** A column with a time stamp. */
export function timeColumn(title: string, path: string): Column {
  return { title, value: (row) => shortTime(at(row, path)) };
}

/** Says what went wrong and answers the exit code: 2 for wrong use, 3 when something could not be reached, else 1. */
export function reportError(error: unknown, json: boolean): number {
  const code = error instanceof PetrelError ? error.code : 'internal';
  const details = error instanceof PetrelError && Object.keys(error.details).length > 0 ? error.details : undefined;
  if (json) process.stderr.write(`${JSON.stringify({ error: { code, message: messageOf(error), details } })}\n`);
  else process.stderr.write(`petrel: ${messageOf(error)}\n`);
  if (process.env.PETREL_DEBUG === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  if (code === 'invalid') return 2;
  return code === 'unavailable' || code === 'unauthorized' ? 3 : 1;
}
