import { type Json, type JsonObject, messageOf, PetrelError } from '../model/index.ts';

/** Machines get JSON, people get tables. */
export function print(value: Json, json: boolean, human: (value: Json) => string): void {
  process.stdout.write(`${json ? JSON.stringify(value, null, 2) : human(value)}\n`);
}

export interface Column {
  readonly title: string;
  value(row: JsonObject): string;
}

/** Left-aligned columns, as wide as their widest cell. */
export function table(rows: readonly JsonObject[], columns: readonly Column[]): string {
  if (rows.length === 0) return 'Nothing found.';
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map((column) => column.value(row)))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => (line[index] ?? '').length)));
  return cells
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A column that shows a field, which may lie deeper: `action.ref`. */
export function column(title: string, path: string): Column {
  return { title, value: (row) => cell(path.split('.').reduce<Json | undefined>(step, row)) };
}

function step(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject)[name] : undefined; // arrays are out
}

function cell(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `2024-05-01 12:00:00` of a time stamp. */
export function shortTime(value: Json | undefined): string {
  return typeof value === 'string' ? value.slice(0, 19).replace('T', ' ') : '';
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
