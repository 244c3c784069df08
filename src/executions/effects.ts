import type { Execution, FinalStatus, Id, JournalEntry } from '../model/index.ts';
import type { Finish, Operations, StatusUpdate } from '../store/index.ts';

/** Everything one step of an execution writes, gathered first and then written in one transaction. */
export interface Effects {
  readonly finishes: Finish[];
  readonly updates: StatusUpdate[];
  readonly journal: JournalEntry[];
  readonly inserts: Execution[];
  /** Writes of other rooms that belong to the same transaction (events about finished executions). */
  readonly also: ((tx: Operations) => Promise<unknown>)[];
  /** Called after the commit: caches and listeners. */
  readonly committed: (() => void)[];
}

export function noEffects(): Effects {
  return { finishes: [], updates: [], journal: [], inserts: [], also: [], committed: [] };
}

/**
 * Thrown inside a transaction when a row has moved on: its lease was lost, or it is final already. Nothing of the step is
 * written then; the state that won stays.
 */
export class Superseded extends Error {
  override readonly name = 'Superseded';
  /** The execution that has moved on. */
  readonly id: Id;

  constructor(id: Id) {
    super(`Execution ${id} has moved on.`);
    this.id = id;
  }
}

export async function writeEffects(tx: Operations, effects: Effects): Promise<void> {
  for (const finish of effects.finishes) {
    if (!(await tx.finishExecution(finish))) throw new Superseded(finish.id);
  }
  for (const update of effects.updates) {
    if (!(await tx.setExecutionStatus(update))) throw new Superseded(update.id);
  }
  if (effects.journal.length > 0) await tx.appendJournal(effects.journal);
  if (effects.inserts.length > 0) await tx.insertExecutions(effects.inserts);
  for (const write of effects.also) await write(tx);
}

export function endedExecution(execution: Execution, status: FinalStatus, timestamp: number): Execution {
  const { leaseOwner: _owner, leaseUntil: _until, ...rest } = execution;
  return { ...rest, status, endedAt: timestamp, log: [...execution.log, { status, timestamp }] };
}
