import type { Evaluator } from '../../../expressions/index.ts';
import { type ExpressionFinding, item, type Place, property, ROOT, taskPlace } from './entry.ts';
import type { Fields, Spec, TaskSpec, TransitionSpec } from './spec.ts';

/** Expressions that do not parse, wherever a definition may have texts. The place is that of the property. */
export function inspectExpressions(spec: Spec, evaluator: Evaluator): ExpressionFinding[] {
  return [...properties(spec)].flatMap(([{ spec: spec_path, schema: schema_path }, value]) =>
    evaluator
      .validate(value)
      .map(({ language: type, expression, message }) => ({ type, expression, message, spec_path, schema_path })),
  );
}

type Property = readonly [Place, unknown];

function* properties(spec: Spec): Generator<Property> {
  for (const name of ['vars', 'input', 'output'] as const) yield [property(ROOT, name), spec[name]];
  for (const [name, task] of spec.tasks) yield* taskProperties(task, taskPlace(name));
}

function* taskProperties(task: TaskSpec, place: Place): Generator<Property> {
  for (const name of ['delay', 'join', 'action', 'input'] as const) yield [property(place, name), task[name]];
  yield* fields(task.with, property(place, 'with'), ['items', 'concurrency']);
  yield* fields(task.retry, property(place, 'retry'), ['when', 'count', 'delay']);
  yield* fields(task.compensate, property(place, 'compensate'), ['action', 'input']);
  for (const [index, transition] of task.next.entries()) {
    yield* transitionProperties(transition, item(property(place, 'next'), index));
  }
}

function* fields(given: Fields | undefined, place: Place, names: readonly string[]): Generator<Property> {
  for (const name of names) yield [property(place, name), given?.get(name)];
}

function* transitionProperties(transition: TransitionSpec, place: Place): Generator<Property> {
  for (const name of ['when', 'publish', 'do'] as const) yield [property(place, name), transition[name]];
}
