import { PythonError, parseJsonKeepingFloats } from '../expressions/index.ts';

/** What rules need of the template language. Both throw `PetrelError` (`expression`); `render` also `MissingInput`. */
export interface Templates {
  compile(text: string): Template;
}

export interface Template {
  render(variables: Readonly<Record<string, unknown>>): string;
}

/** A criterion's pattern: a constant, or something that is rendered for each event. */
export type Pattern =
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'template'; readonly render: (variables: Readonly<Record<string, unknown>>) => unknown };

/** From the first `{{` of a line to its last `}}`. */
const EXPRESSIONS = /(\{\{)(.*)(\}\})/g;

/**
 * Whether an expression ends in a bare datastore access. StackStorm's typed rendering fails on those (a lookup cannot be
 * serialised), although its documentation and packs count on the stored text: so they are rendered as text.
 */
const ENDS_IN_LOOKUP = /(?:^|[^\w.])(?:st2kv\s*\.\s*)?system(?:\s*\.\s*\w+|\s*\[[^[\]]*\])+\s*-?$/;

/**
 * Prepares a pattern (stackstorm-rules.md, section 5). Only text is a template, and only the rule's own: without `templates`,
 * for patterns that came out of data, text stays what it is.
 */
export function compilePattern(source: unknown, templates: Templates | undefined): Pattern {
  if (typeof source !== 'string' || templates === undefined) return { kind: 'constant', value: source };
  if (!/\{[{%#]/.test(source)) return { kind: 'constant', value: normalised(source) };
  const plain = lazily(() => templates.compile(source));
  const typed = typedSource(source);
  if (typed === undefined) return { kind: 'template', render: (variables) => plain().render(variables) };
  const template = lazily(() => templates.compile(typed));
  return {
    kind: 'template',
    render(variables) {
      const rendered = template().render(variables);
      const parsed = parseJson(rendered);
      return parsed === undefined ? plain().render(variables) : parsed;
    },
  };
}

/** Jinja's treatment of text without templates: one kind of line ending, and without the last one. */
function normalised(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/\n$/, '');
}

/**
 * The template whose output is JSON when the text is one expression: the last expression of each line is serialised. The filter
 * binds tighter than operators, as in StackStorm: `{{ n + 1 }}` fails and `{{ (n + 1) }}` works.
 */
function typedSource(source: string): string | undefined {
  const lines = [...source.matchAll(EXPRESSIONS)];
  if (lines.length === 0 || lines.some(([, , inner = '']) => ENDS_IN_LOOKUP.test(inner))) return undefined;
  return source.replaceAll(EXPRESSIONS, (_, open: string, inner: string, close: string) => {
    return `${open}${inner} | to_complex${close}`;
  });
}

function parseJson(text: string): unknown {
  try {
    return parseJsonKeepingFloats(text);
  } catch (error) {
    if (error instanceof PythonError) return undefined;
    throw error;
  }
}

/** A template that does not parse fails when it is used, not when the rule is read. */
function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
