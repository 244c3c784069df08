import { type Cipher, type Masker, sealParameters, sealValues } from '../datastore/index.ts';
import { type Action, isJsonObject, type Json, type ParameterSchema } from '../model/index.ts';

/**
 * A result as it is stored: what the action's output schema calls secret (`secret: true`) is sealed and known to the masker, and so is
 * every text with a secret in it. As StackStorm, the schema is about what stands under the runner's output key; of runners without one
 * it says nothing.
 */
export function sealResult<T extends Json>(
  result: T,
  { outputKey, outputSchema }: { readonly outputKey?: string | undefined } & Pick<Action, 'outputSchema'>,
  { cipher, masker }: { readonly cipher: Cipher; readonly masker: Masker },
): T {
  const isDescribed = outputKey !== undefined && outputSchema !== undefined && isJsonObject(result);
  // An output schema is one schema, as that of a parameter.
  const schemas = isDescribed ? { [outputKey]: outputSchema as ParameterSchema } : {};
  const told = isDescribed ? sealParameters(result, schemas, cipher, masker) : result;
  return sealValues(told, cipher, masker) as T; // of the same shape, but for seals in the place of texts
}
