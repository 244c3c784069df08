/**
 * The shapes of what the API takes and answers (stackstorm-api.md section 4), one place for validation, for the OpenAPI document and for
 * the tests, which hold every answer against them. Answers are strict: what is sent and is not written down here fails a test.
 */
import { z } from 'zod';

export const id = z.string().regex(/^[0-9a-f]{24}$/);
export const ref = z.string().regex(/^[^.]+\..+$/);
export const timestamp = z.string().regex(/^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
export const object = z.record(z.string(), z.unknown());
/** Parameter schemas: name to JSON schema. */
export const parameters = z.record(z.string(), object);
export const tags = z.array(z.strictObject({ name: z.string(), value: z.string() }));
/** Any JSON. */
export const json = z.unknown();
/** JSON objects that come in. */
export const jsonObject = z.record(z.string(), z.json());

export const fault = z
  .looseObject({ faultstring: z.string() })
  .meta({ id: 'Fault', description: 'What went wrong. A 409 names what is in the way as `conflict-id`.' });

export const named = { id, uid: z.string(), ref: z.string() };

/** Names as they may stand in a reference and in a path. */
export const packName = z.string().regex(/^[A-Za-z0-9_-]{1,200}$/, 'Expected letters, digits, "_" and "-"');
export const contentName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,200}$/, 'Expected letters, digits, "_", "-", "." and ":"');
