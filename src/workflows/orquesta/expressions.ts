import {
  Dict,
  dictEntries,
  type Evaluator,
  isDict,
  LateDict,
  type StackStormHost,
  Tuple,
} from '../../expressions/index.ts';
import { type Id, type Json, PetrelError } from '../../model/index.ts';
import type { Entry, State, Variables } from './state.ts';

/** How the texts of one workflow are evaluated. */
export interface Language {
  readonly evaluator: Evaluator;
  readonly host?: StackStormHost;
  readonly reevaluateData?: boolean;
  /** Reads what variables refer to. Default: there is nothing that any could refer to. */
  readonly result?: ReadResult;
}

/** The result of an ended child. May throw `MissingInput`. */
export type ReadResult = (executionId: Id) => Json;

/** The results that late values of a workflow are read from. */
export function resultsOf({ result }: Language): ReadResult {
  if (result !== undefined) return result;
  return (id) => {
    throw new Error(`There are no results to read that of ${id} from.`);
  };
}

/** What the engine says of the moment of an evaluation. */
export interface Moment {
  readonly task?: { readonly id: string; readonly route: number; readonly result?: () => unknown };
  readonly item?: { readonly value: unknown };
}

/** A failure that a workflow's list of errors shows: the name of the exception and its text. */
export class ConductError extends Error {
  readonly exception: string;

  constructor(exception: string, message: string) {
    super(message);
    this.name = 'ConductError';
    this.exception = exception;
  }
}

/** `<ExceptionName>: <text>` of an expression that failed. Anything else is thrown again. */
export function messageOfFailure(error: unknown): string {
  if (error instanceof ConductError) return `${error.exception}: ${error.message}`;
  if (error instanceof PetrelError && typeof error.details.exception === 'string') {
    return `${error.details.exception}: ${String(error.details.reason)}`;
  }
  throw error;
}

/** Evaluates a value's texts. Lists of what comes out are plain lists. Throws as the evaluator. */
export function evaluate(
  statement: unknown,
  variables: Variables,
  moment: Moment,
  state: State,
  language: Language,
): unknown {
  const { evaluator, host, reevaluateData = false } = language;
  const seen = new LateDict(variables, resultsOf(language));
  if (moment.task !== undefined) seen.set('__current_task', new TaskView(moment.task));
  if (moment.item !== undefined) seen.set('__current_item', moment.item.value);
  seen.set('__state', new StateView(state));
  return plain(evaluator.evaluate(statement, { variables: seen, reevaluateData, ...(host && { host }) }));
}

/** Tuples become lists: what a workflow keeps passes through JSON in the original. */
export function plain(value: unknown): unknown {
  if (value instanceof Tuple) return value.items.map(plain);
  if (Array.isArray(value))
    return value.some((item) => typeof item === 'object' && item !== null) ? value.map(plain) : value;
  if (!isDict(value)) return value;
  return new Dict([...dictEntries(value)].map(([key, item]) => [key, plain(item)] as const));
}

/**
 * The engine's state as expressions see it. Only what is asked for is made, so that a look at one task's status costs the same
 * after ten tasks and after ten thousand.
 */
class StateView extends Dict {
  readonly #state: State;

  constructor(state: State) {
    super();
    this.#state = state;
  }

  override get(key: unknown): unknown {
    switch (key) {
      case 'tasks':
        return new PointersView(this.#state);
      case 'routes':
        return this.#state.routes;
      case 'sequence':
        return viewsOf(this.#state);
      case 'status':
        return this.#state.status ?? null;
      default:
        return undefined;
    }
  }
}

/** The current task. Its result is read when an expression asks for it. */
class TaskView extends Dict {
  readonly #result: (() => unknown) | undefined;

  constructor({ id, route, result }: NonNullable<Moment['task']>) {
    super([
      ['id', id],
      ['route', route],
    ]);
    this.#result = result;
  }

  override get(key: unknown): unknown {
    return key === 'result' ? this.#result?.() : super.get(key);
  }
}

class PointersView extends Dict {
  readonly #state: State;

  constructor(state: State) {
    super();
    this.#state = state;
  }

  override get(key: unknown): unknown {
    return typeof key === 'string' ? this.#state.latest.get(key) : undefined;
  }
}

class EntryView extends Dict {
  readonly #entry: Entry;

  constructor(entry: Entry) {
    super();
    this.#entry = entry;
  }

  override get(key: unknown): unknown {
    return key === 'id' || key === 'route' || key === 'status' ? this.#entry[key] : undefined;
  }
}

const views = new WeakMap<State, EntryView[]>();

function viewsOf(state: State): readonly EntryView[] {
  const known = views.get(state) ?? [];
  views.set(state, known);
  for (const entry of state.sequence.slice(known.length)) known.push(new EntryView(entry));
  return known;
}
