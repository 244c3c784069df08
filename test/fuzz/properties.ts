import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { createEvaluator, createJinja } from '../../src/expressions/index.ts';
import { parseLeadingExpression } from '../../src/expressions/jinja/index.ts';
import { literalEval, repr } from '../../src/expressions/python/index.ts';
import { parseYaql } from '../../src/expressions/yaql/index.ts';
import { PetrelError } from '../../src/model/index.ts';
import { jinjaChain, yaqlChain } from './chains.ts';
import { bareJinja, jinjaTree, printJinja } from './jinja-trees.ts';
import { JINJA_WORDS, YAQL_WORDS } from './words.ts';
import { bareYaql, printYaql, yaqlTree } from './yaql-trees.ts';

/** A claim about any expression; `check` throws where it does not hold. */
export interface Property {
  readonly name: string;
  run(
    options: { readonly numRuns: number; readonly seed?: number },
    each?: (milliseconds: number, text: string) => void,
  ): void;
}

// A tenth of the usual budget: what is under test is that it ends, not how long it takes.
const evaluator = createEvaluator({ now: () => 1.7e12, random: () => 0.5, steps: 200_000 });
const jinja = createJinja({ budget: { steps: 200_000 } });
const DATA = {
  x: 'text',
  n: 5,
  f: 1.5,
  d: { a: 1, b: [1, { c: null }] },
  l: [3, 1, 2, 'z'],
  e: [],
  s: 'a,b <% 1 %> {{ 2 }}',
};
const VARIABLES = {
  ...DATA,
  __current_task: { id: 't', route: 0, result: { a: [1, 2] } },
  __current_item: { a: 1 },
  __state: { tasks: { t__r0: 0 }, routes: [[]], sequence: [{ id: 't', route: 0, status: 'succeeded' }] },
};

function property<T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  shown: (value: T) => string,
  check: (value: T) => void,
): Property {
  return {
    name,
    run({ numRuns, seed }, each) {
      const claim = fc.property(arbitrary, (value) => {
        const start = performance.now();
        check(value);
        each?.(performance.now() - start, shown(value));
      });
      fc.assert(claim, { numRuns, ...(seed !== undefined && { seed }) });
    },
  };
}

const same = (text: string) => text;

/** Whatever comes of it, it is a value or the error of an expression. */
function harmless(evaluate: () => unknown): void {
  try {
    evaluate();
  } catch (error) {
    if (error instanceof PetrelError && error.code === 'expression') return;
    throw error;
  }
}

function evaluates(text: string): void {
  for (const reevaluateData of [false, true])
    harmless(() => evaluator.evaluate(text, { variables: VARIABLES, reevaluateData }));
  evaluator.validate(text);
  evaluator.references(text);
}

function renders(text: string): void {
  harmless(() => jinja.compile(text).render(DATA));
  harmless(() => jinja.compile(text).variables);
}

const soup = (words: readonly string[]) => fc.array(fc.constantFrom(...words), { maxLength: 25 });
const anyText = fc.string({ unit: 'binary', maxLength: 60 });

export const PROPERTIES: readonly Property[] = [
  property('a YAQL tree is printed and parsed back', yaqlTree, printYaql, (tree) => {
    deepStrictEqual(bareYaql(parseYaql(printYaql(tree))), bareYaql(tree));
  }),
  property('a Jinja tree is printed and parsed back', jinjaTree, printJinja, (tree) => {
    deepStrictEqual(bareJinja(parseLeadingExpression(printJinja(tree))), bareJinja(tree));
  }),
  property(
    'a value is printed and read back',
    fc.jsonValue(),
    (value) => JSON.stringify(value),
    (value) => {
      const printed = jinja.compile('{{ v }}').render({ v: [value] });
      deepStrictEqual(printed, repr([value]));
      deepStrictEqual(repr(literalEval(printed)), printed);
      deepStrictEqual(jinja.compile(`{{ ${printed} }}`).render({}), printed);
    },
  ),
  property('a YAQL expression ends', yaqlTree, printYaql, (tree) => evaluates(`<% ${printYaql(tree)} %>`)),
  property('a Jinja expression ends', jinjaTree, printJinja, (tree) => {
    evaluates(`{{ ${printJinja(tree)} }}`);
    renders(`{% for i in [${printJinja(tree)}] %}{{ i }}{% endfor %}`);
  }),
  property('a YAQL chain ends', yaqlChain, same, (chain) => evaluates(`<% ${chain} %>`)),
  property('a Jinja chain ends', jinjaChain, same, (chain) => {
    evaluates(`{{ ${chain} }}`);
    renders(`{% for i in ${chain} %}{{ i }}{% endfor %}{{ ${chain} }}`);
  }),
  property(
    "any order of YAQL's words ends",
    soup(YAQL_WORDS),
    (words) => words.join(' '),
    (words) => {
      evaluates(`<% ${words.join(' ')} %>`);
      evaluates(`<% ${words.join('')} %>`);
    },
  ),
  property(
    "any order of Jinja's words ends",
    soup(JINJA_WORDS),
    (words) => words.join(' '),
    (words) => {
      const text = words.join(' ');
      evaluates(text);
      evaluates(`{{ ${text} }}`);
      renders(text);
    },
  ),
  property(
    'any order of the words of both ends',
    soup([...JINJA_WORDS, ...YAQL_WORDS]),
    (words) => words.join(''),
    (words) => {
      evaluates(words.join(''));
      evaluates(`<% ${words.join(' ')} %>{{ ${words.join(' ')} }}`);
    },
  ),
  property('any text at all ends', anyText, same, (text) => {
    evaluates(`<% ${text} %>`);
    evaluates(`{{ ${text} }}`);
    evaluates(`{% ${text} %}`);
    renders(text);
  }),
  property('text without tags stays as it is, but for the last line end', anyText, same, (text) => {
    if (/\{[{%#]|\r/.test(text)) return;
    deepStrictEqual(jinja.compile(text).render({}), text.endsWith('\n') ? text.slice(0, -1) : text);
  }),
];
