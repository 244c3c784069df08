import { Dict, dictEntries, type Evaluator, isDict, truthy } from '../../../expressions/index.ts';
import { parseShorthand } from '../shorthand.ts';
import { type ExpressionFinding, item, type Place, property, ROOT, taskPlace } from './entry.ts';
import type { Spec, TaskSpec, TransitionSpec } from './spec.ts';
import type { Steps } from './steps.ts';

type Names = ReadonlySet<string>;

/** Variables that are read before anything can have set them. */
export function inspectContext(
  spec: Spec,
  steps: Steps,
  { known, evaluator }: { readonly known: readonly string[]; readonly evaluator: Evaluator },
): ExpressionFinding[] {
  const reader = new Reader(evaluator);
  let names: Names = new Set(known);
  for (const name of ['input', 'vars'] as const) names = reader.read(spec[name], property(ROOT, name), names, true);
  names = walk(steps, reader, names);
  reader.read(spec.output, property(ROOT, 'output'), names, true);
  return reader.findings;
}

/** Reads properties one after the other and notes what they refer to and should not. */
class Reader {
  readonly findings: ExpressionFinding[] = [];
  readonly #evaluator: Evaluator;

  constructor(evaluator: Evaluator) {
    this.#evaluator = evaluator;
  }

  /** Answers the names that are known after it: a property that sets variables adds to them. */
  read(given: unknown, place: Place, names: Names, isSetting = false): Names {
    if (!truthy(given ?? null)) return names;
    // As in Orquesta any text that looks like inline parameters is read as such, a condition like `<% ctx().x=1 %>` too.
    const parameters = typeof given === 'string' ? parseShorthand(given) : [];
    const value = parameters.length > 0 ? parameters.map((parameter) => new Dict([parameter])) : given;
    if (!Array.isArray(value)) return this.#readOne(value, place, names, isSetting);
    let known = names;
    for (const [index, entry] of value.entries()) {
      known = this.#readOne(entry, { ...item(place, index), schema: place.schema }, known, isSetting);
    }
    return known;
  }

  #readOne(value: unknown, { spec, schema }: Place, names: Names, isSetting: boolean): Names {
    for (const { language: type, text: expression, variable } of this.#evaluator.references(value)) {
      const note = (message: string) =>
        this.findings.push({ type, expression, message, spec_path: spec, schema_path: schema });
      if (variable.startsWith('__')) {
        note(
          `Variable "${variable}" that is prefixed with double underscores is considered a private variable and cannot be referenced.`,
        );
      }
      if (!names.has(variable)) note(`Variable "${variable}" is referenced before assignment.`);
    }
    return isSetting ? new Set([...names, ...namesSet(value)]) : names;
  }
}

function namesSet(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((entry) => (Array.isArray(entry) ? [] : namesSet(entry)));
  return isDict(value) ? [...dictEntries(value)].map(([name]) => String(name)) : [];
}

function readTask(reader: Reader, task: TaskSpec | undefined, place: Place, names: Names): void {
  if (task === undefined) return;
  reader.read(task.delay, property(place, 'delay'), names);
  const withPlace = property(place, 'with');
  for (const name of ['items', 'concurrency']) reader.read(task.with?.get(name), property(withPlace, name), names);
  reader.read(task.action, property(place, 'action'), names);
  reader.read(task.input, property(place, 'input'), names);
  const compensatePlace = property(place, 'compensate');
  for (const name of ['action', 'input'])
    reader.read(task.compensate?.get(name), property(compensatePlace, name), names);
}

function readTransition(reader: Reader, transition: TransitionSpec, place: Place, names: Names): Names {
  reader.read(transition.when, property(place, 'when'), names);
  const after = reader.read(transition.publish, property(place, 'publish'), names, true);
  reader.read(transition.do, property(place, 'do'), after);
  return after;
}

/** More sets of variables than anybody can tell apart. Orquesta knows no bound, and their number can double with each task. */
const MOST_VISITS = 64;

/**
 * Follows the transitions from the start tasks, breadth first, and answers all names that are set anywhere. A task is visited once
 * for each set of variables it may be reached with, a join once for each arrival with what arrived so far; so the same finding
 * may be noted several times, as Orquesta does. Targets that were visited are not entered again, which ends cycles.
 */
function walk(steps: Steps, reader: Reader, known: Names): Names {
  const all = new Set(known);
  const visited = new Set<unknown>();
  const planned = new Map<unknown, Set<string>>();
  const gathered = new Map<unknown, Names>();
  const waiting = steps.starts.map((name) => ({ name: name as unknown, names: known as Names | undefined }));
  for (let visit = waiting.shift(); visit !== undefined; visit = waiting.shift()) {
    const { name } = visit;
    visited.add(name);
    const names = visit.names ?? gathered.get(name) ?? new Set();
    const place = taskPlace(String(name));
    const task = steps.task(name);
    readTask(reader, task, place, names);
    for (const [index, transition] of (task?.next ?? []).entries()) {
      for (const target of transition.targets) {
        const after = readTransition(reader, transition, item(property(place, 'next'), index), names);
        for (const set of after) all.add(set);
        if (visited.has(target) || !steps.isDefined(target)) continue;
        if (truthy(steps.task(target)?.join ?? null)) {
          gathered.set(target, new Set([...(gathered.get(target) ?? []), ...after]));
          waiting.push({ name: target, names: undefined });
          continue;
        }
        const plans = planned.get(target) ?? new Set();
        planned.set(target, plans);
        const plan = JSON.stringify([...after].sort());
        if (plans.has(plan) || plans.size >= MOST_VISITS) continue;
        plans.add(plan);
        waiting.push({ name: target, names: after });
      }
    }
  }
  return all;
}
