import type { Action } from './pack.ts';

/**
 * Actions that no file describes: they are known to somebody else, and made when they are named. An action of a pack's file wins over a
 * provided one of the same name.
 */
export interface ActionProvider {
  /** Whether a reference could be one of these; answers at once and asks nobody. */
  mayProvide(ref: string): boolean;
  /** Undefined when there is no such action. Throws `PetrelError` (`unavailable`) when that cannot be told now. */
  find(ref: string): Promise<Action | undefined>;
  /** All of them. Errors as `find`. */
  list(): Promise<readonly Action[]>;
  /** All references, for suggestions; those that are known without much ado. */
  refs(): Promise<readonly string[]>;
}
