import { compareText } from './inspect/entry.ts';
import type { Finding, Inspection } from './inspect/index.ts';

/** Names that StackStorm puts into a workflow's context before its inputs. */
export const KNOWN_VARIABLES: readonly string[] = ['st2', 'parent'];

/** A finding of inspection as StackStorm lists it. */
export interface Flattened {
  readonly type: string;
  readonly message: string;
  readonly spec_path: string | null;
  readonly schema_path: string | null;
  readonly language?: string | null;
  readonly expression?: string;
}

/**
 * All findings in one list (orquesta.md, section 11), sorted by category: the category is the type, the language of expressions stands
 * apart. `contents`: what the registry says.
 */
export function flattened(
  { context, expressions, semantics, syntax }: Inspection,
  contents: readonly Finding[] = [],
): Flattened[] {
  const expressional = (type: string, findings: Inspection['context'] = []) =>
    findings.map(({ type: language, ...finding }) => ({ type, ...finding, language }));
  const plain = (type: string, findings: Inspection['syntax'] = []) =>
    findings.map((finding) => ({ type, ...finding }));
  return [
    // As StackStorm: by the part of the schema, else in the order of the tasks.
    ...plain(
      'content',
      [...contents].sort((left, right) => compareText(left.schema_path, right.schema_path)),
    ),
    ...expressional('context', context),
    ...expressional('expression', expressions),
    ...plain('semantic', semantics),
    ...plain('syntax', syntax),
  ];
}
