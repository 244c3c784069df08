import { MissingInput } from '../expressions/index.ts';
import type { Action, ActionProvider, Execution, Id, Json } from '../model/index.ts';
import { isFinal, PetrelError } from '../model/index.ts';
import { didYouMean } from '../packs/index.ts';
import type { Operations } from '../store/index.ts';

/**
 * What synchronous evaluation may read: datastore keys, results of ended executions, and actions that no pack's file describes. Values are loaded when first
 * missed and then held for the life of this object, which is one batch of events or one step of a workflow, so that
 * one evaluation sees one state.
 */
export interface Inputs {
  /** The stored text (ciphertext of a secret); undefined when there is no such key. User keys are named `user:name`. */
  key(scope: 'system' | 'user', name: string): string | undefined;
  result(executionId: Id): Json;
  execution(executionId: Id): Execution;
  /** An action of the provider. Throws `PetrelError`: `not_found`, `unavailable` (it cannot be told now). */
  action(ref: string): Action;
  /** Provides an ended execution that is not stored yet. */
  provide(execution: Execution, result: Json): void;
  /** Evaluates, loading what is missing, until it succeeds or fails for another reason. */
  evaluate<T>(evaluation: () => T | Promise<T>): Promise<T>;
}

/** No evaluation reads this many keys; more means that it reads another one each time. */
const MAX_LOADS = 1000;

/** One that has asked for this many results wants those of all tasks: they are fetched together, not one by one. */
const RESULTS_ONE_BY_ONE = 4;
const PREFETCH_PAGE = 1000;

export function createInputs(
  store: Pick<Operations, 'getKey' | 'getResult' | 'getResults' | 'getExecution' | 'listExecutions'>,
  options: { now: () => number; open: (result: Json) => Json; provider?: ActionProvider },
): Inputs {
  const keys = new Map<string, string | undefined>();
  const actions = new Map<string, () => Action>();
  const ended = new Map<Id, { execution: Execution; result: Json }>();

  const loadKey = async (scope: 'system' | 'user', stored: string): Promise<void> => {
    const [user, name] = scope === 'user' ? splitUser(stored) : ['', stored];
    const key = await store.getKey(scope, user, name);
    const expired = key?.expiresAt !== undefined && key.expiresAt <= options.now();
    keys.set(`${scope} ${stored}`, expired ? undefined : key?.value);
  };

  const loadResult = async (id: Id, siblings: boolean): Promise<void> => {
    const execution = await store.getExecution(id);
    if (execution === undefined) throw new PetrelError('not_found', `Execution ${id} is not in the database any more.`);
    const result = await store.getResult(id);
    ended.set(id, { execution, result: options.open(result ?? null) });
    if (siblings && execution.parentId !== undefined) await loadChildren(execution.parentId);
  };

  const loadChildren = async (parentId: Id): Promise<void> => {
    for (let offset = 0; ; offset += PREFETCH_PAGE) {
      const { items } = await store.listExecutions({ parentId }, { limit: PREFETCH_PAGE, offset });
      const missing = items.filter(({ id, status }) => isFinal(status) && !ended.has(id));
      const results = await store.getResults(missing.map(({ id }) => id));
      for (const execution of missing)
        ended.set(execution.id, { execution, result: options.open(results.get(execution.id) ?? null) });
      if (items.length < PREFETCH_PAGE) return;
    }
  };

  const loadAction = async (ref: string): Promise<void> => {
    const { provider } = options;
    let found: (() => Action) | undefined;
    try {
      const action = await provider?.find(ref);
      if (action !== undefined) found = () => action;
    } catch (error) {
      found = () => {
        throw error;
      };
    }
    if (found === undefined) {
      const hint = didYouMean(ref, (await provider?.refs().catch(() => [])) ?? []);
      found = () => {
        throw noSuchAction(ref, hint);
      };
    }
    actions.set(ref, found);
  };

  const found = (executionId: Id) => {
    const entry = ended.get(executionId);
    if (entry === undefined) throw new MissingInput({ kind: 'result', executionId });
    return entry;
  };

  return {
    key(scope, name) {
      const address = `${scope} ${name}`;
      const value = keys.get(address);
      if (value === undefined && !keys.has(address)) throw new MissingInput({ kind: 'key', scope, name });
      return value;
    },
    result: (id) => found(id).result,
    execution: (id) => found(id).execution,
    action(ref) {
      if (options.provider?.mayProvide(ref) !== true) throw noSuchAction(ref);
      const known = actions.get(ref);
      if (known === undefined) throw new MissingInput({ kind: 'action', ref });
      return known();
    },
    provide(execution, result) {
      ended.set(execution.id, { execution, result });
    },
    async evaluate(evaluation) {
      let results = 0;
      for (let loads = 0; loads < MAX_LOADS; loads++) {
        try {
          return await evaluation();
        } catch (error) {
          if (!(error instanceof MissingInput)) throw error;
          const { wanted } = error;
          if (wanted.kind === 'key') await loadKey(wanted.scope, wanted.name);
          else if (wanted.kind === 'action') await loadAction(wanted.ref);
          else await loadResult(wanted.executionId, ++results > RESULTS_ONE_BY_ONE);
        }
      }
      throw new PetrelError('expression', `An expression reads more than ${MAX_LOADS} datastore keys.`);
    },
  };
}

function noSuchAction(ref: string, hint = ''): PetrelError {
  return new PetrelError(
    'not_found',
    `Action "${ref}" doesn't exist.${hint} List what is registered with \`petrel action list\`.`,
  );
}

/** User-scoped keys are stored as `user:name`, as StackStorm does; a user name holds no colon. */
function splitUser(stored: string): [string, string] {
  const colon = stored.indexOf(':');
  return colon < 0 ? ['', stored] : [stored.slice(0, colon), stored.slice(colon + 1)];
}
