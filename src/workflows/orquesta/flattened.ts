import type { Inspection } from './inspect/index.ts';

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

/** All findings in one list (orquesta.md, section 11): the category is the type, the language of expressions stands apart. */
export function flattened({ context, expressions, semantics, syntax }: Inspection): Flattened[] {
  const expressional = (type: string, findings: Inspection['context'] = []) =>
    findings.map(({ type: language, ...finding }) => ({ type, ...finding, language }));
  const plain = (type: string, findings: Inspection['syntax'] = []) =>
    findings.map((finding) => ({ type, ...finding }));
  return [
    ...expressional('context', context),
    ...expressional('expression', expressions),
    ...plain('semantic', semantics),
    ...plain('syntax', syntax),
  ];
}
