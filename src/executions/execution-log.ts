import type { Id, JsonObject } from '../model/index.ts';
import type { Logger } from '../sdk/index.ts';

/** A log whose lines are found by the execution that they tell of, and by its trace where the context is at hand. */
export interface ExecutionLog extends Logger {
  about(execution: { readonly id: Id; readonly context?: JsonObject }): Logger;
}
