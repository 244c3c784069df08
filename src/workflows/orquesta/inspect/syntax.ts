import type { Finding } from './entry.ts';
import { WORKFLOW } from './schema.ts';
import type { Spec } from './spec.ts';
import { type Misfit, misfits } from './validate.ts';

/** What does not fit the schema of definitions. */
export function inspectSyntax({ raw }: Spec): Finding[] {
  return misfits(raw, WORKFLOW).map(({ message, path, schemaPath }) => ({
    message: unescaped(message),
    spec_path: pathText(path),
    schema_path: pathText(schemaPath),
  }));
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Orquesta undoes the escapes of the values that messages quote. What it does to letters beyond ASCII on the way is not repeated. */
function unescaped(message: string): string {
  return message.replace(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([\\'"nrt]))/g,
    (_, two, four, eight, single) =>
      single === undefined
        ? String.fromCodePoint(Number.parseInt(two ?? four ?? eight, 16))
        : (ESCAPES[single] ?? String(single)),
  );
}

/** Null for the whole definition. */
function pathText(path: Misfit['path']): string | null {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step}]` : text === '' ? step : `.${step}`;
  return text === '' ? null : text;
}
