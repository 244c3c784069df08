import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createJinja } from '../../../src/expressions/index.ts';
import { dictEntries, isDict, parseJsonKeepingFloats, toJson } from '../../../src/expressions/python/index.ts';
import { PetrelError } from '../../../src/model/index.ts';

interface Outcome {
  readonly result?: string;
  /** `any`: which one does not matter. */
  readonly error?: string;
  readonly message?: string;
}

interface Case extends Outcome {
  readonly template: string;
  readonly lenient?: Outcome;
  readonly variables?: readonly string[];
}

const text = readFileSync(new URL('../../vectors/jinja/templates.json', import.meta.url), 'utf8');
const file = parseJsonKeepingFloats(text);
const context = new Map<string, unknown>();
if (isDict(file)) {
  for (const [key, value] of dictEntries(file)) {
    if (key !== 'context' || !isDict(value)) continue;
    for (const [name, item] of dictEntries(value)) context.set(String(name), item);
  }
}
const { cases } = toJson(file) as unknown as { cases: Case[] };
const strict = createJinja();
const lenient = createJinja({ undefined: 'lenient' });

function outcome(jinja: ReturnType<typeof createJinja>, template: string): Outcome {
  try {
    return {
      result: jinja
        .compile(template)
        .render(context)
        .replace(/0x[0-9a-f]{8,}/g, '0xADDR'),
    };
  } catch (error) {
    if (!(error instanceof PetrelError)) throw error;
    return { error: String(error.details.kind), message: String(error.details.reason) };
  }
}

function expectSame(found: Outcome, wanted: Outcome): void {
  if (wanted.error === 'any') expect(found.error).toBeDefined();
  else if (wanted.error !== undefined) expect(found).toEqual({ error: wanted.error, message: wanted.message });
  else expect(found).toEqual({ result: wanted.result });
}

describe('templates, as Jinja2 renders them', () => {
  it.each(cases.map((given) => [given.template, given] as const))('%j', (template, given) => {
    expectSame(outcome(strict, template), given);
    expectSame(outcome(lenient, template), given.lenient ?? given);
    if (given.variables === undefined || given.error?.startsWith('Template')) return;
    if (given.error === undefined) expect([...strict.compile(template).variables].sort()).toEqual(given.variables);
  });
});
