import { PetrelError } from '../../model/index.ts';

/** The error of a path that does not parse. `position` counts UTF-16 units from 0. */
export function pathError(source: string, reason: string, position: number): PetrelError {
  return new PetrelError(
    'expression',
    `The path ${JSON.stringify(source)} is not valid at position ${position}: ${reason}.`,
    { details: { path: source, position } },
  );
}

/** The error of a path that cannot be applied to the data it met. */
export function lookupError(source: string, reason: string): PetrelError {
  return new PetrelError('expression', `The path ${JSON.stringify(source)} cannot be followed: ${reason}.`, {
    details: { path: source },
  });
}
