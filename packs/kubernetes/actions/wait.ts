import { setTimeout as sleep } from 'node:timers/promises';
import { defineAction, type KubernetesObject, z } from 'petrel/sdk';
import { askFor, RETRY } from '../lib/errors.ts';
import { parsePath, readField } from '../lib/field-path.ts';
import { objectParameters, objectSchema, optionalText, referenceOf } from '../lib/parameters.ts';
import { guard } from '../lib/secrets.ts';

/** Seconds between two looks; grows from the first to the second. */
const INTERVAL = [0.25, 5] as const;

export default defineAction({
  description:
    'Waits until an object has a condition, has a field, or is gone. One that does not exist yet is waited for.',
  retry: RETRY,
  timeout: 3660,
  input: z.object({
    ...objectParameters,
    condition: optionalText.describe('A condition, e.g. Ready, or Ready=False. Its status defaults to True.'),
    field: optionalText.describe('A field, e.g. .status.phase or .status.addresses[0].ip.'),
    value: z
      .union([z.string(), z.number(), z.boolean()])
      .nullish()
      .describe('What the field is to equal, compared as text. Left out: the field is to exist.'),
    deletion: z.boolean().default(false).describe('Wait until the object is gone.'),
    uid: optionalText.describe('With deletion: a later object of the same name counts as gone.'),
    timeout: z.number().positive().max(3600).default(300).describe('Seconds.'),
  }),
  output: z.object({ waited: z.number().describe('Seconds.'), object: objectSchema.nullable() }),
  async run(context) {
    const { input, kubernetes, signal } = context;
    const goal = goalOf(input);
    const start = Date.now();
    let interval: number = INTERVAL[0];
    for (;;) {
      const object = await askFor(kubernetes.get(referenceOf(input), signal));
      const waited = (Date.now() - start) / 1000;
      if (goal.reached(object)) return { waited, object: object === undefined ? null : guard(object, context) };
      if (waited >= input.timeout) {
        throw new Error(
          `${input.kind} ${input.name} did not come to ${goal.text} within ${input.timeout} s: ${goal.found(object)}.`,
        );
      }
      await sleep(Math.min(interval, Math.max(input.timeout - waited, 0)) * 1000, undefined, { signal });
      interval = Math.min(interval * 1.5, INTERVAL[1]);
    }
  },
});

interface Goal {
  readonly text: string;
  reached(object: KubernetesObject | undefined): boolean;
  found(object: KubernetesObject | undefined): string;
}

interface GoalInput {
  readonly condition: string | undefined;
  readonly field: string | undefined;
  readonly value?: string | number | boolean | null | undefined;
  readonly deletion: boolean;
  readonly uid: string | undefined;
}

function goalOf({ condition, field, value, deletion, uid }: GoalInput): Goal {
  if ([condition !== undefined, field !== undefined, deletion].filter(Boolean).length !== 1) {
    throw new Error('Give exactly one of condition, field and deletion: what is to be waited for.');
  }
  if (deletion) {
    return {
      text: 'its deletion',
      reached: (object) => object === undefined || (uid !== undefined && object.metadata.uid !== uid),
      found: () => 'it is still there',
    };
  }
  if (field !== undefined) {
    parsePath(field);
    const wanted = value === undefined || value === null ? undefined : String(value);
    const textOf = (object: KubernetesObject | undefined) => {
      const found = readField(object, field);
      return typeof found === 'object' ? JSON.stringify(found) : found === undefined ? undefined : String(found);
    };
    return {
      text: wanted === undefined ? field : `${field} = ${wanted}`,
      reached: (object) => textOf(object) !== undefined && (wanted === undefined || textOf(object) === wanted),
      found: (object) => (object === undefined ? 'it does not exist' : `the field is ${textOf(object) ?? 'not there'}`),
    };
  }
  const [type = '', status = 'True'] = (condition ?? '').split('=');
  const statusIn = (object: KubernetesObject | undefined): unknown => {
    const conditions = readField(object, 'status.conditions');
    const list: readonly unknown[] = Array.isArray(conditions) ? conditions : [];
    return readField(
      list.find((item) => sameText(readField(item, 'type'), type)),
      'status',
    );
  };
  return {
    text: `the condition ${type} = ${status}`,
    reached: (object) => sameText(statusIn(object), status),
    found: (object) =>
      object === undefined ? 'it does not exist' : `the condition is ${String(statusIn(object) ?? 'not there')}`,
  };
}

/** As kubectl: the case of a condition does not matter. */
function sameText(left: unknown, right: string): boolean {
  return typeof left === 'string' && left.toLowerCase() === right.toLowerCase();
}
