import type { Change } from './changes.ts';
import type { State } from './state.ts';

/**
 * Tries changes out and takes them back: a decision reads the state as it becomes, but it is the fold of what was decided that
 * changes it for good. What is small is copied, what grows is cut to its length, entries are set back one by one.
 */
export interface Rollback {
  /** Must be called before each change. */
  before(change: Change): void;
  undo(): void;
}

export function rollback(state: State): Rollback {
  const { status, errors, output, rollback: undo } = state;
  const lengths = [state.contexts, state.routes, state.sequence, state.reruns].map((list) => list.length);
  const errorCount = errors.length;
  const staged = [...state.staged].map(([key, one]) => [key, { ...one, items: one.items && [...one.items] }] as const);
  const counts = [...state.counts];
  const open = [...state.open];
  const undone: (() => void)[] = [];
  return {
    before(change) {
      const back = inverse(state, change);
      if (back !== undefined) undone.push(back);
    },
    undo() {
      for (const back of undone.reverse()) back();
      for (const [index, list] of [state.contexts, state.routes, state.sequence, state.reruns].entries()) {
        list.length = lengths[index] ?? 0;
      }
      errors.length = errorCount;
      Object.assign(state, { status, errors, output, rollback: undo });
      refill(state.staged, staged);
      refill(state.counts, counts);
      state.open.clear();
      for (const entry of open) state.open.add(entry);
    },
  };
}

function refill<K, V>(map: Map<K, V>, entries: readonly (readonly [K, V])[]): void {
  map.clear();
  for (const [key, value] of entries) map.set(key, value);
}

/** What sets back what a change does to an entry or to the pointers to entries. */
function inverse(state: State, change: Change): (() => void) | undefined {
  switch (change.do) {
    case 'enter': {
      const key = `${change.id}__r${change.route}`;
      const before = state.latest.get(key);
      return () => {
        if (before === undefined) state.latest.delete(key);
        else state.latest.set(key, before);
      };
    }
    case 'task-status':
    case 'tally':
    case 'terminal': {
      const entry = state.sequence[change.entry];
      if (entry === undefined) return undefined;
      const { status, retry, terminal } = entry;
      return () => Object.assign(entry, { status, retry, terminal });
    }
    case 'transition': {
      const next = state.sequence[change.entry]?.next;
      const before = next?.get(change.id);
      return () => {
        if (before === undefined) next?.delete(change.id);
        else next?.set(change.id, before);
      };
    }
    default:
      return undefined;
  }
}
