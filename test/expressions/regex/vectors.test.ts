import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compilePythonRegex, type RegexMatch } from '../../../src/expressions/index.ts';
import { PetrelError } from '../../../src/model/index.ts';

type Spans = readonly (readonly [number, number] | null)[] | null;

interface Case {
  readonly pattern: string;
  readonly flags: string;
  readonly text: string;
  readonly error?: string;
  readonly position?: number;
  readonly groups?: number;
  readonly names?: Record<string, number>;
  readonly match?: Spans;
  readonly fullmatch?: Spans;
  readonly search?: Spans;
  readonly all?: readonly Spans[];
  readonly split?: readonly (string | null)[];
  readonly split1?: readonly (string | null)[];
  readonly replacement?: string;
  readonly replaced?: string;
  readonly replaceError?: string;
}

function cases(name: string): readonly Case[] {
  const url = new URL(`../../vectors/regex/${name}.json`, import.meta.url);
  // The files are made by us, in this shape.
  return (JSON.parse(readFileSync(url, 'utf8')) as { cases: readonly Case[] }).cases;
}

function compile({ pattern, flags }: Case) {
  return compilePythonRegex(pattern, {
    ignoreCase: flags.includes('i'),
    multiline: flags.includes('m'),
    dotAll: flags.includes('s'),
    verbose: flags.includes('x'),
    ascii: flags.includes('a'),
  });
}

const spans = (match: RegexMatch | undefined): Spans => match?.spans.map((span) => span ?? null) ?? null;
const nulls = (pieces: readonly (string | undefined)[]) => pieces.map((piece) => piece ?? null);

function outcomeOf(entry: Case): unknown {
  try {
    const regex = compile(entry);
    return {
      groups: regex.groupCount,
      names: Object.fromEntries(regex.groupNames),
      match: spans(regex.match(entry.text)),
      fullmatch: spans(regex.fullMatch(entry.text)),
      search: spans(regex.search(entry.text)),
      all: regex.findAll(entry.text).map(spans),
      split: nulls(regex.split(entry.text)),
      split1: nulls(regex.split(entry.text, 1)),
    };
  } catch (error) {
    if (!(error instanceof PetrelError) || error.code !== 'expression') throw error;
    const { reason, position } = error.details;
    return { error: reason, position: entry.position === undefined ? undefined : position };
  }
}

function expectedOf(entry: Case): unknown {
  const { groups, names, match, fullmatch, search, all, split, split1, error, position } = entry;
  return error === undefined ? { groups, names, match, fullmatch, search, all, split, split1 } : { error, position };
}

describe.each(['chosen', 'random', 'errors'])('regular expressions behave as re of Python 3.11 (%s)', (name) => {
  it.each(cases(name).map((entry, n) => [n, entry.pattern, entry] as const))('case %i: %j', (_, __, entry) => {
    expect(outcomeOf(entry)).toEqual(expectedOf(entry));
  });
});

describe('replacing behaves as re.sub', () => {
  const replacing = [...cases('chosen'), ...cases('random')].filter((entry) => entry.replacement !== undefined);

  it.each(replacing.map((entry) => [entry.pattern, entry.replacement, entry] as const))('%j by %j', (_, __, entry) => {
    const replace = () => compile(entry).replace(entry.text, entry.replacement ?? '');
    if (entry.replaceError === undefined) expect(replace()).toBe(entry.replaced);
    else expect(replace).toThrow(PetrelError);
  });
});
