import type { Json, JsonObject, Tag } from '../model/index.ts';
import { type Fields, textOf } from './shape.ts';
import type { Path, Source } from './source.ts';

/** Keys that every resource may carry because the API writes them; read from a file they mean nothing. */
export const OUTPUT_FIELDS: Fields = {
  id: { kind: 'text' },
  ref: { kind: 'text' },
  uid: { kind: 'text' },
  metadata_file: { kind: 'text' },
};

export const TAG_FIELD = {
  kind: 'list',
  items: {
    kind: 'mapping',
    fields: { name: { kind: 'text', required: true }, value: { kind: 'text', required: true } },
  },
} as const;

/** A resource's `pack:` must be the pack it lies in. */
export function checkPack(source: Source, fields: JsonObject, path: Path = ['pack']): void {
  const pack = textOf(fields, 'pack');
  if (pack !== undefined && pack !== source.pack) {
    source.error(
      path,
      `"pack" is "${pack}", but this file lies in the pack "${source.pack}"; correct it or leave it out.`,
    );
  }
}

export function readTags(value: Json | undefined): readonly Tag[] | undefined {
  return Array.isArray(value) ? (value as readonly Tag[]) : undefined; // TAG_FIELD has been checked
}
