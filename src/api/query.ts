import { z } from 'zod';
import { PetrelError } from '../model/index.ts';

const WORDS = /^(?:true|false|1|0|yes|no|t|f|y|n|on|off)$/i;
const YES = /^(?:true|1|yes|t|y|on)$/i;

/** A yes or no of a query, in any of StackStorm's spellings. */
export const flag = z
  .string()
  .regex(WORDS, 'Expected true or false')
  .transform((text) => YES.test(text));

export const integer = z.coerce.number().int();

/** A comma list; empty parts do not count. */
export const names = z.string().transform((text) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== ''),
);

/** Epoch milliseconds of a time stamp. */
export const time = z
  .string()
  .meta({ description: 'A time stamp, e.g. 2024-05-01T12:00:00Z.' })
  .transform((text) => milliseconds(text));

/** Epoch milliseconds of a time stamp in a query. Throws `PetrelError` (`invalid`). */
export function milliseconds(text: string): number {
  // A time stamp without a zone is UTC, as in StackStorm; in a query a `+` may have become a blank.
  const zoned = /(?:z|[+-]\d\d:?\d\d)$/i.test(text.replace(' ', '+')) || !text.includes('T') ? text : `${text}Z`;
  const value = Date.parse(zoned);
  if (Number.isNaN(value))
    throw new PetrelError('invalid', `"${text}" is not a time stamp; write e.g. 2024-05-01T12:00:00Z.`);
  return value;
}

/** Which attributes of an answer are wanted (stackstorm-api.md section 1.3). */
export const attributeQuery = {
  include_attributes: z
    .string()
    .optional()
    .meta({ description: 'Only these attributes and the id; a comma list, nested names with dots.' }),
  exclude_attributes: z.string().optional().meta({ description: 'All but these attributes; a comma list.' }),
};

/** StackStorm's way to clear text; see `revealsSecrets`. */
export const secretsQuery = {
  show_secrets: z
    .string()
    .optional()
    .meta({ description: 'true: secrets in clear text, for administrators; it is audited. Others get them masked.' }),
};

/** What every list takes. */
export const listQuery = {
  ...attributeQuery,
  limit: integer.optional().meta({ description: 'How many at most; -1: all.' }),
  offset: integer.min(0).default(0).meta({ description: 'How many are passed over.' }),
};

/** `name`, `pack` and the like of lists that are all in memory. */
export const contentQuery = {
  ...listQuery,
  sort: z
    .string()
    .optional()
    .meta({ description: 'A comma list of attributes; - before a name turns its order round.' }),
  id: z.string().optional(),
  name: z.string().optional(),
  pack: z.string().optional(),
};
