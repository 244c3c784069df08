import { z } from 'petrel/sdk';

/** What becomes of a database whose object is deleted. `retain` keeps all of it, also what was published. */
export const deletionPolicy = z.enum(['delete', 'snapshot', 'retain']);

export type DeletionPolicy = z.output<typeof deletionPolicy>;

interface Choice {
  readonly deletionPolicy: DeletionPolicy;
  /** What an object may choose for itself. */
  readonly deletionPolicies: readonly DeletionPolicy[];
}

export const mayChoose = ({ deletionPolicies }: Choice, wished: DeletionPolicy | undefined) =>
  wished === undefined || deletionPolicies.includes(wished);

/** What holds: the object's wish, where its class allows it. */
export function policyOf(chosen: Choice, wished: DeletionPolicy | undefined): DeletionPolicy {
  return wished !== undefined && mayChoose(chosen, wished) ? wished : chosen.deletionPolicy;
}
