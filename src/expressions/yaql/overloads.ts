import type { Context } from './context.ts';
import type { Definition } from './definition.ts';
import { ambiguous, noMatch } from './failures.ts';
import { Unevaluated, UnevaluatedRule } from './lambda.ts';
import type { Levels } from './levels.ts';
import { isMoreSpecial, type Kind, type Parameter } from './parameters.ts';

/** An argument that was left out: its parameter's default. */
export const OMITTED = Symbol('omitted');

export type Keywords = ReadonlyMap<string, unknown>;
export const NO_KEYWORDS: Keywords = new Map();

/** A function whose parameters fit the arguments as far as they are known. */
export interface Candidate {
  readonly definition: Definition;
  /** The parameter of each positional argument. */
  readonly positional: readonly Parameter<unknown>[];
  readonly keywords: ReadonlyMap<string, Parameter<unknown>>;
  /** Which arguments it gets unevaluated, as a text to compare. */
  readonly lazy: string;
}

export type CandidateLevels = readonly (readonly Candidate[])[];

/** Candidates among the functions of one name. Arguments that are not evaluated yet fit anything. */
export function candidatesOf(levels: Levels, positional: readonly unknown[], keywords: Keywords): CandidateLevels {
  const found: Candidate[][] = [];
  for (const level of levels) {
    const fitting: Candidate[] = [];
    for (const definition of level) {
      const candidate = candidateOf(definition, positional, keywords);
      if (candidate !== undefined) fitting.push(candidate);
    }
    if (fitting.length > 0) found.push(fitting);
  }
  return found;
}

function candidateOf(
  definition: Definition,
  positional: readonly unknown[],
  keywords: Keywords,
): Candidate | undefined {
  const { parameters, rest } = definition;
  const places: Parameter<unknown>[] = [];
  const named = new Map<string, Parameter<unknown>>();
  let lazy = '';
  for (const [index, parameter] of parameters.entries()) {
    const given = index < positional.length && positional[index] !== OMITTED;
    if (keywords.has(parameter.name)) {
      if (given) return undefined;
      named.set(parameter.name, parameter);
    } else if (!given && parameter.otherwise === undefined) return undefined;
    if (index < positional.length) places.push(parameter);
  }
  for (let index = parameters.length; index < positional.length; index += 1) {
    if (rest === undefined || positional[index] === OMITTED) return undefined;
    places.push(rest);
  }
  for (const [index, parameter] of places.entries()) {
    if (!mayFit(parameter.kind, positional[index])) return undefined;
    if (parameter.kind.lazy) lazy += `${index},`;
  }
  for (const [name, value] of keywords) {
    let parameter = named.get(name);
    if (parameter === undefined) {
      parameter = definition.keywords;
      if (parameter === undefined || !mayFit(parameter.kind, value)) return undefined;
      named.set(name, parameter);
    }
    // As the original: whether a keyword argument fits its own parameter is asked only when all arguments are evaluated.
    if (parameter.kind.lazy) lazy += `${name},`;
  }
  return { definition, positional: places, keywords: named, lazy };
}

function mayFit(kind: Kind<unknown>, value: unknown): boolean {
  if (value === OMITTED) return true;
  if (!kind.lazy && (value instanceof Unevaluated || value instanceof UnevaluatedRule)) return true;
  return kind.accepts(value);
}

/** Whether all candidates want the same arguments unevaluated; otherwise it cannot be known what to evaluate. */
export function agreeOnLazy(levels: CandidateLevels): boolean {
  let lazy: string | undefined;
  for (const level of levels) {
    for (const candidate of level) {
      lazy ??= candidate.lazy;
      if (candidate.lazy !== lazy) return false;
    }
  }
  return true;
}

/** Picks the function for arguments that are evaluated now. Throws ResolutionError. */
export function choose(
  name: string,
  receiver: unknown,
  levels: CandidateLevels,
  positional: readonly unknown[],
  keywords: Keywords,
): Definition {
  for (const level of levels) {
    let winner: Candidate | undefined;
    for (const candidate of level) {
      if (!fits(candidate, positional, keywords)) continue;
      if (winner !== undefined) {
        if (isSpecialization(winner, candidate)) continue;
        if (!isSpecialization(candidate, winner)) throw ambiguous(name, receiver);
      }
      winner = candidate;
    }
    if (winner !== undefined) return winner.definition;
  }
  throw noMatch(name, receiver);
}

function fits(candidate: Candidate, positional: readonly unknown[], keywords: Keywords): boolean {
  const places = candidate.positional;
  for (let index = 0; index < places.length; index += 1) {
    const kind = places[index]?.kind;
    const value = positional[index];
    if (kind !== undefined && value !== OMITTED && !kind.accepts(value)) return false;
  }
  for (const [name, value] of keywords) {
    if (candidate.keywords.get(name)?.kind.accepts(value) === false) return false;
  }
  return true;
}

function isSpecialization(left: Candidate, right: Candidate): boolean {
  let more = false;
  const shared = Math.min(left.positional.length, right.positional.length);
  for (let index = 0; index < shared; index += 1) {
    const a = left.positional[index]?.kind;
    const b = right.positional[index]?.kind;
    if (a === undefined || b === undefined) continue;
    if (isMoreSpecial(b, a)) return false;
    if (isMoreSpecial(a, b)) more = true;
  }
  for (const [name, { kind }] of left.keywords) {
    const other = right.keywords.get(name)?.kind;
    if (other === undefined) continue;
    if (isMoreSpecial(other, kind)) return false;
    if (isMoreSpecial(kind, other)) more = true;
  }
  return more;
}

/** Calls a function with arguments that fit it. */
export function run(
  definition: Definition,
  context: Context,
  positional: readonly unknown[],
  keywords: Keywords,
): unknown {
  const { parameters, rest } = definition;
  const inner = context.child();
  const given: unknown[] = [];
  for (let index = 0; index < parameters.length; index += 1) {
    const parameter = parameters[index];
    if (parameter === undefined) break;
    const value = index < positional.length ? positional[index] : OMITTED;
    if (value !== OMITTED) given.push(parameter.kind.convert(value, inner));
    else if (keywords.has(parameter.name)) given.push(parameter.kind.convert(keywords.get(parameter.name), inner));
    else given.push(parameter.otherwise?.value);
  }
  if (rest !== undefined) {
    for (let index = parameters.length; index < positional.length; index += 1) {
      given.push(rest.kind.convert(positional[index], inner));
    }
  }
  const { keywords: others } = definition;
  if (others === undefined || keywords.size === 0) return definition.run(inner, given, NO_KEYWORDS);
  const more = new Map<string, unknown>();
  for (const [name, value] of keywords) {
    if (!parameters.some((parameter) => parameter.name === name)) more.set(name, others.kind.convert(value, inner));
  }
  return definition.run(inner, given, more);
}
