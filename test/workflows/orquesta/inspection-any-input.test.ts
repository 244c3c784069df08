import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PetrelError } from '../../../src/model/index.ts';
import { definitionOf } from '../../../src/workflows/orquesta/definition.ts';
import { inspectDefinition } from '../../../src/workflows/orquesta/inspect/index.ts';
import { evaluator, flow, inspect } from './inspecting.ts';

describe('any input', () => {
  const keys = [
    'version',
    'input',
    'vars',
    'tasks',
    'output',
    'a',
    'b',
    'noop',
    'action',
    'next',
    'when',
    'publish',
    'do',
    'with',
    'items',
    'join',
    'retry',
    'count',
    'delay',
  ];
  const leaves = [
    null,
    true,
    0,
    -1,
    1.5,
    '',
    'a',
    'a, b',
    'all',
    'x k=1',
    '<% ctx().v %>',
    '<% ( %>',
    '{{ ctx("w") }}',
    '{% if %}',
    'x in <% 1 %>',
  ];
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom(...leaves),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  const task = fc.dictionary(fc.constantFrom(...keys.slice(8)), json, { minKeys: 1, maxKeys: 5 });
  const nearly = fc.record(
    { tasks: fc.dictionary(fc.constantFrom('a', 'b', 'noop'), task), vars: json },
    { requiredKeys: ['tasks'] },
  );

  function throwsOnlyPetrelErrors(compute: () => unknown): void {
    try {
      compute();
    } catch (error) {
      if (!(error instanceof PetrelError) || error.code !== 'invalid') throw error;
    }
  }

  it('is inspected or refused with a reason', () => {
    const anything = fc.oneof(fc.jsonValue(), json, nearly);
    fc.assert(
      fc.property(anything, (raw) => {
        throwsOnlyPetrelErrors(() => inspectDefinition(raw, { evaluator }));
        throwsOnlyPetrelErrors(() => definitionOf(raw));
        throwsOnlyPetrelErrors(() => inspect(JSON.stringify(raw)));
      }),
      { numRuns: 500 },
    );
  });

  it('is loaded or refused with a reason, whatever text it is', () => {
    const pieces = [
      'tasks',
      ':',
      ' ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&a',
      '*a',
      '<<',
      '!!int',
      '1.0',
      'a',
      'next',
      'do',
      '#',
      '|',
      '\t',
      '%',
      '<% x %>',
    ];
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (definition) => throwsOnlyPetrelErrors(() => inspect(definition))),
      { numRuns: 500 },
    );
  });

  it('is refused when it nests without end', () => {
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
    for (const levels of [500, 5_000, 50_000]) {
      throwsOnlyPetrelErrors(() => inspect(flow('a: {action: x}', `vars: [{v: ${deep(levels)}}]`)));
      throwsOnlyPetrelErrors(() =>
        inspectDefinition(
          { vars: [JSON.parse(deep(levels > 5_000 ? 5_000 : levels))], tasks: { a: { action: 'x' } } },
          { evaluator },
        ),
      );
    }
  });

  it('is refused or valid in its normal form wherever nothing was found', () => {
    fc.assert(
      fc.property(nearly, (raw) => {
        try {
          if (Object.keys(inspectDefinition(raw, { evaluator })).length > 0) return;
        } catch {
          return;
        }
        expect([...definitionOf(raw).tasks.keys()]).toEqual(Object.keys(raw.tasks));
      }),
    );
  });
});
