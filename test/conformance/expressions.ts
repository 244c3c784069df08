import { createEvaluator } from '../../src/expressions/index.ts';
import { type Dict, dictEntries, isDict, parseJsonKeepingFloats, toJson } from '../../src/expressions/python/index.ts';
import { PetrelError } from '../../src/model/index.ts';
import { type Check, type Kind, same, thrownBy } from './check.ts';
import { decoded, encoded, normalized } from './python-values.ts';

/** As the cases were recorded: Orquesta alone. */
const evaluator = createEvaluator({ stackstorm: false, now: Date.now, random: Math.random });

interface Expected {
  readonly value?: unknown;
  readonly error?: { readonly class: string; readonly cause: string | null; readonly message: string };
}

interface Outcome {
  readonly value?: unknown;
  readonly error?: unknown;
}

function outcomeOf(expression: unknown, variables: Dict, reevaluateData: boolean): Outcome {
  let value: unknown;
  const error = thrownBy(() => {
    value = encoded(evaluator.evaluate(expression, { variables, reevaluateData }));
  });
  return error === undefined ? { value } : { error };
}

/**
 * Messages that quote Python's values or internals are not ours to repeat (workflows/README.md): only those that an author can act
 * on must be the same to the letter.
 */
const TO_THE_LETTER = new Set([
  'Unresolved',
  'KeyError',
  'YaqlGrammarException',
  'YaqlLexicalException',
  'NoFunctionRegisteredException',
  'NoMethodRegisteredException',
  'NoMatchingFunctionException',
  'NoMatchingMethodException',
  'VariableUndefinedError',
  'VariableInaccessibleError',
  'ExpressionEvaluationException',
]);

/** How the reference prints objects of its own. */
const OBJECT = /<[^>]*(?: object at 0x|generator)[^>]*>|\(\$?\)/;

function checkOutcome({ value, error }: Outcome, expected: Expected): void {
  if (expected.error === undefined) {
    if (error !== undefined) throw error;
    same(value, normalized(expected.value));
    return;
  }
  if (!(error instanceof PetrelError)) {
    throw new Error(`It should fail with ${expected.error.cause}, and is ${JSON.stringify(value)}.`, { cause: error });
  }
  const { exception, kind, reason } = error.details;
  same([exception, expected.error.cause === null ? null : kind], [expected.error.class, expected.error.cause]);
  if (TO_THE_LETTER.has(String(kind)) && !OBJECT.test(expected.error.message)) same(reason, expected.error.message);
}

function check(given: Dict, variables: Dict): void {
  const expression = given.get('expression');
  const expected = toJson(given.get('expected')) as Expected;
  // The reference reads what comes out of an expression as an expression again; Petrel does when it is told to. Cases that this
  // makes no difference to must hold in both ways.
  const usual = outcomeOf(expression, variables, false);
  const reevaluated = outcomeOf(expression, variables, true);
  checkOutcome(reevaluated, expected);
  if (!recordsReevaluation(usual)) checkOutcome(usual, expected);
}

/** Whether what came out holds an expression. */
function recordsReevaluation({ value }: Outcome): boolean {
  return /<%.*?%>|\{\{.*?\}\}|\{%.*?%\}/.test(JSON.stringify(toJson(value)));
}

/** Expressions as Orquesta evaluates them. */
export const expressions: Kind = (text) => {
  const file = parseJsonKeepingFloats(text) as Dict; // the file is an object, and so is each case
  const contexts = new Map([...dictEntries(file.get('contexts') as Dict)].map(([name, of]) => [name, decoded(of)]));
  return (file.get('cases') as Dict[]).map((given): Check => {
    const variables = contexts.get(given.get('context'));
    return {
      id: String(given.get('id')),
      run() {
        if (!isDict(variables)) throw new Error(`There is no context ${String(given.get('context'))}.`);
        check(given, variables as Dict); // `decoded` makes no other mappings
      },
    };
  });
};
