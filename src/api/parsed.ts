import { z } from 'zod';
import { PetrelError } from '../model/index.ts';

/** A request's body by its schema. Throws `PetrelError` (`invalid`) that names what is wrong. */
export function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new PetrelError('invalid', `The request is not valid: ${z.prettifyError(result.error)}`);
}
