import { isAnyArrayBuffer } from 'node:util/types';
import { type Json, type JsonObject, PetrelError } from '../model/index.ts';
import type { Row, Value } from './sql.ts';

/**
 * Values on their way into and out of rows. Free text (output, values of keys, reasons) is kept as JSON, because neither
 * database keeps a NUL character: PostgreSQL refuses it, and the SQLite driver cuts the text there. Names are kept as they are,
 * so that they can be compared and sorted, and a NUL in one is refused.
 */
export function name(value: string): string {
  if (value.includes('\0')) {
    throw new PetrelError(
      'invalid',
      `The name ${JSON.stringify(value)} holds a NUL character, which a database cannot keep; leave it out.`,
    );
  }
  return value;
}

export function optionalName(value: string | undefined): string | null {
  return value === undefined ? null : name(value);
}

export function json(value: Json): string {
  return JSON.stringify(value);
}

export function optionalJson(value: Json | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** Whole milliseconds. */
export function time(value: number): number {
  return Math.round(value);
}

export function optionalTime(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}

/** A column that holds text. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`Column ${column} holds ${typeof value} where text was expected.`);
  return value;
}

/** PostgreSQL's driver answers 64-bit integers as text; all of ours are below 2^53. */
export function numberOf(row: Row, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : Number(value);
}

export function has(row: Row, column: string): boolean {
  return row[column] !== null && row[column] !== undefined;
}

export function jsonOf(row: Row, column: string): Json {
  return parse(textOf(row, column));
}

export function objectOf(row: Row, column: string): JsonObject {
  // We wrote the column from a JsonObject ourselves.
  return JSON.parse(textOf(row, column)) as JsonObject;
}

export function freeTextOf(row: Row, column: string): string {
  return String(jsonOf(row, column));
}

/** The SQLite driver answers an ArrayBuffer, PostgreSQL's a Buffer. */
export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  if (isAnyArrayBuffer(value)) return new Uint8Array(value);
  throw new Error(`Column ${column} does not hold bytes.`);
}

/** JSON that we wrote ourselves. */
export function parse(text: string): Json {
  return JSON.parse(text) as Json;
}

/** A status column, whose values are only ever written from the same type. */
export function wordOf<T extends string>(row: Row, column: string): T {
  return textOf(row, column) as T;
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Collects the conditions of a WHERE with their parameters. */
export class Conditions {
  readonly parameters: Value[] = [];
  readonly #texts: string[] = [];

  /** `text` says how the condition reads, given the number of its parameter. */
  add(value: Value, text: (parameter: number) => string): void {
    this.parameters.push(value);
    this.#texts.push(text(this.parameters.length));
  }

  addPlain(text: string): void {
    this.#texts.push(text);
  }

  get where(): string {
    return this.#texts.length === 0 ? '' : ` WHERE ${this.#texts.join(' AND ')}`;
  }
}
