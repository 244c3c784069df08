import { PythonError } from '../expressions/index.ts';
import { PetrelError } from '../model/index.ts';

/**
 * The reason why a criterion could not be evaluated. What is no failure of an expression (`MissingInput`, a defect of ours) is
 * thrown on.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof PetrelError && error.code === 'expression') return error.message;
  if (error instanceof PythonError) return `${error.kind}: ${error.message}.`;
  throw error;
}

/** Ends the matching of all rules of one event, as StackStorm does for an operator it does not know. */
export function abort(ruleRef: string, criterion: string, reason: string): PetrelError {
  return new PetrelError(
    'expression',
    `Criterion ${JSON.stringify(criterion)} of rule ${JSON.stringify(ruleRef)} ${reason}. ` +
      'No rule of this event is carried out until it is corrected.',
    { details: { rule: ruleRef, criterion } },
  );
}
