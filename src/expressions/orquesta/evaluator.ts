import { Dict, dictEntries, isDict } from '../python/index.ts';
import { findJinja, findYaql, hasBlocks, type Language } from './delimiters.ts';
import { type Reference, references, type SyntaxProblem, syntaxProblems } from './inspect.ts';
import { ScopeFunctions } from './jinja-functions.ts';
import { reevaluateJinja } from './jinja-reevaluated.ts';
import { evaluateJinja } from './jinja-text.ts';
import { createLanguages, type LanguageOptions } from './languages.ts';
import { type ContextVariables, Scope, type StackStormHost } from './scope.ts';
import { evaluateYaql } from './yaql-text.ts';

/** What an evaluation reads. */
export interface Evaluation {
  /** Names beginning with `__` belong to the engine: `__current_task`, `__current_item`, `__state`. */
  readonly variables: ContextVariables;
  /** Default: there is no datastore and there are no records of tasks. */
  readonly host?: StackStormHost;
  /** Reads texts that come out of expressions again, as StackStorm does. Default false: data is never read as an expression. */
  readonly reevaluateData?: boolean;
}

/** The expressions of workflows. */
export interface Evaluator {
  /**
   * Evaluates every text in a value, keys of mappings too; anything else stays as it is. A text that is one expression gives its
   * value, in the values of src/expressions/python. Throws `PetrelError` (`expression`) as `expressionError`, and whatever the host
   * throws.
   */
  evaluate(statement: unknown, evaluation: Evaluation): unknown;
  /**
   * Evaluates a text in one language, whatever it holds of the other. A text without that language's delimiters is an expression
   * as a whole. Throws as `evaluate`.
   */
  evaluateIn(language: Language, text: string, evaluation: Evaluation): unknown;
  /** What does not parse in the texts of a value. */
  validate(statement: unknown): SyntaxProblem[];
  /** The variables that the texts of a value refer to, each once for a text, sorted by name. */
  references(statement: unknown): Reference[];
}

function isIn(language: Language, text: string): boolean {
  return language === 'yaql' ? findYaql(text).length > 0 : findJinja(text).length > 0 || hasBlocks(text);
}

/** Delimiters do not go across line ends, and outside of literals a line end is a blank. */
function delimited(language: Language, expression: string): string {
  const line = expression.replaceAll('\n', ' ');
  return language === 'yaql' ? `<% ${line} %>` : `{{ ${line} }}`;
}

/** The language of a text; Jinja where it has both. Undefined when it has no expression. */
export function languageOf(text: string): Language | undefined {
  if (text.includes('{') && isIn('jinja', text)) return 'jinja';
  return text.includes('<%') && isIn('yaql', text) ? 'yaql' : undefined;
}

export function createEvaluator(options: LanguageOptions = {}): Evaluator {
  const { jinja, yaql } = createLanguages(options);
  const { stackstorm = true } = options;

  const evaluateText = (language: Language, text: string, scope: Scope, reevaluate: boolean): unknown => {
    if (language === 'yaql') return evaluateYaql(text, scope, yaql, reevaluate);
    const functions = new ScopeFunctions(scope, stackstorm);
    return reevaluate ? reevaluateJinja(text, functions, jinja) : evaluateJinja(text, functions, jinja);
  };

  return {
    evaluate: (statement, { variables, host, reevaluateData = false }) => {
      const scope = new Scope(variables, host);
      return mapTexts(statement, (text) => {
        const language = languageOf(text);
        return language === undefined ? text : evaluateText(language, text, scope, reevaluateData);
      });
    },
    evaluateIn: (language, text, { variables, host, reevaluateData = false }) => {
      const scope = new Scope(variables, host);
      return evaluateText(language, isIn(language, text) ? text : delimited(language, text), scope, reevaluateData);
    },
    validate: (statement) => texts(statement).flatMap(syntaxProblems),
    references: (statement) => {
      const found = [...new Set(texts(statement))].flatMap(references);
      return found.sort((left, right) =>
        left.variable < right.variable ? -1 : left.variable > right.variable ? 1 : 0,
      );
    },
  };
}

/** The same value with every text replaced. Mappings are only copied where they hold any. */
function mapTexts(value: unknown, replace: (text: string) => unknown): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, replace));
  if (!isDict(value)) return value;
  const made = new Dict();
  for (const [key, item] of dictEntries(value)) made.set(mapTexts(key, replace), mapTexts(item, replace));
  return made;
}

/** All texts in a value, keys before what they lead to. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isDict(value) ? [...dictEntries(value)].flatMap(([key, item]) => [...texts(key), ...texts(item)]) : [];
}
