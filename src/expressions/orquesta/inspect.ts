import { parseLeadingExpression, parseTemplate, TemplateSyntaxError } from '../jinja/index.ts';
import { PythonError } from '../python/index.ts';
import { compilePythonRegex } from '../regex/index.ts';
import { parseYaql } from '../yaql/index.ts';
import { findJinja, findYaql, hasBlocks, inner, type Language } from './delimiters.ts';

/** An expression that does not parse. */
export interface SyntaxProblem {
  /** Null when a text has both languages. */
  readonly language: Language | null;
  /** The expression, delimiters included, or the whole text. */
  readonly expression: string;
  /** The parser's own message. */
  readonly message: string;
}

/** A variable that a text refers to by `ctx`. */
export interface Reference {
  readonly language: Language;
  /** The whole text. */
  readonly text: string;
  readonly variable: string;
}

/** What does not parse in a text. Nothing is evaluated: unknown functions, filters and variables are not looked for. */
export function syntaxProblems(text: string): SyntaxProblem[] {
  const yaql = findYaql(text).map((found) => found.text);
  const jinja = findJinja(text).map((found) => found.text);
  const isJinja = jinja.length > 0 || hasBlocks(text);
  if (isJinja && yaql.length > 0) {
    return [{ language: null, expression: text, message: 'Expression with multiple types is not supported.' }];
  }
  if (!isJinja)
    return yaql.flatMap((expression) => problemOf('yaql', expression, () => parseYaql(inner(expression, 'yaql'))));
  const whole = problemOf('jinja', text, () => parseTemplate(text));
  const single = jinja
    .filter((expression) => whole.length === 0 || expression !== text)
    .flatMap((expression) => problemOf('jinja', expression, () => parseLeadingExpression(inner(expression, 'jinja'))));
  return [...whole, ...single];
}

function problemOf(language: Language, expression: string, parse: () => unknown): SyntaxProblem[] {
  try {
    parse();
    return [];
  } catch (error) {
    if (error instanceof PythonError || error instanceof TemplateSyntaxError) {
      return [{ language, expression, message: error.message }];
    }
    if (error instanceof RangeError) return [{ language, expression, message: 'the expression nests too deeply' }];
    throw error;
  }
}

const PART = '[][a-zA-Z0-9_\'"\\.()]*';
const CALL = compilePythonRegex(`\\bctx\\(['"]?${PART}['"]?\\)\\.?${PART}`);
const NAME = '[a-zA-Z0-9_-]+';
/** `ctx().x`, `ctx(x)`, `ctx('x')`, `ctx("x")`. */
const NAMES = [
  `(?<=\\bctx\\(\\)\\.)(${NAME})\\b(?!\\()\\.?`,
  `(?:\\bctx\\((${NAME})\\))`,
  `(?:\\bctx\\('(${NAME})'\\))`,
  `(?:\\bctx\\("(${NAME})"\\))`,
].map((pattern) => compilePythonRegex(pattern));

/**
 * The variables a text refers to, as Orquesta's inspection finds them: by pattern, in YAQL and in `{{ }}`, not in blocks. Sorted
 * by name, each once.
 */
export function references(text: string): Reference[] {
  if (!text.includes('ctx(')) return []; // what CALL begins with
  const found = new Map<string, Reference>();
  for (const [language, expressions] of [
    ['yaql', findYaql(text)],
    ['jinja', findJinja(text)],
  ] as const) {
    for (const expression of expressions) {
      for (const call of CALL.findAll(inner(expression.text, language))) {
        for (const name of NAMES) {
          const variable = name.search(call.groups[0] ?? '')?.groups[1];
          if (variable !== undefined) found.set(`${language} ${variable}`, { language, text, variable });
        }
      }
    }
  }
  return [...found.values()].sort((left, right) => compareCode(left.variable, right.variable));
}

function compareCode(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
