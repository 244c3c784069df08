import { type Cipher, type Masker, openValues, sealParameters, sealValues } from '../datastore/index.ts';
import {
  type Execution,
  type Id,
  isJsonObject,
  type Json,
  type JsonObject,
  type ParameterSchemas,
  PetrelError,
} from '../model/index.ts';
import type { Store } from '../store/index.ts';
import type { Completion } from './completion.ts';
import { Superseded } from './effects.ts';
import type { Executions, Requester } from './executions.ts';
import { payloadProblem, schemaProblem } from './parameters/index.ts';

/** An execution that waits for an answer; `result` is what is asked, as stored. */
export interface Inquiry {
  readonly execution: Execution;
  readonly result: JsonObject;
}

export interface InquiryServices {
  readonly store: Pick<Store, 'getExecution' | 'getResult'>;
  readonly completion: Completion;
  readonly cipher: Cipher;
  readonly masker: Masker;
}

/**
 * Answering (stackstorm-api.md, section 3). The answer, the end of the inquiry and that its workflows go on are one transaction. Of two
 * who answer at the same time one is told that it has been answered.
 */
export function createInquiries({ store, completion, cipher, masker }: InquiryServices): Executions['respond'] {
  return async (id, response, requester) => {
    const { execution, result } = await findInquiry(store, id);
    const asked = openValues(result, cipher, masker);
    refuseOthers(id, asked, requester);
    const schema = isJsonObject(asked.schema) ? asked.schema : {};
    const problem = payloadProblem(schema, response, 'field');
    if (problem !== undefined) {
      const advice = `Its schema: \`petrel inquiry get ${id}\``;
      throw new PetrelError('invalid', `The response to inquiry ${id} is not valid: ${problem} ${advice}.`);
    }
    // A schema's properties are schemas.
    const properties = (isJsonObject(schema.properties) ? schema.properties : {}) as ParameterSchemas;
    const sealed = sealValues(sealParameters(response, properties, cipher, masker), cipher, masker);
    try {
      const outcome = { status: 'succeeded', result: { ...result, response: sealed } } as const;
      await completion.finish(execution, outcome, undefined, (tx) => tx.deleteTimer(id, 'inquiry'));
    } catch (error) {
      if (error instanceof Superseded) await findInquiry(store, id);
      throw error;
    }
  };
}

/** One that can be answered. Throws `PetrelError`: `not_found`, `invalid` (no inquiry, one that does not wait, or no more). */
export async function findInquiry(store: InquiryServices['store'], id: Id): Promise<Inquiry> {
  const execution = await store.getExecution(id);
  if (execution === undefined) {
    throw new PetrelError('not_found', `Inquiry ${id} does not exist; \`petrel inquiry list\` shows those that wait.`);
  }
  const { runnerType, actionRef, status } = execution;
  if (runnerType !== 'inquirer') {
    throw new PetrelError('invalid', `Execution ${id} is no inquiry: it runs ${actionRef}.`);
  }
  if (status !== 'pending') {
    const why = Object.hasOwn(NOT_OPEN, status) ? NOT_OPEN[status] : `is ${status}: it does not ask yet; try again`;
    throw new PetrelError('invalid', `Inquiry ${id} ${why}.`);
  }
  const result = (await store.getResult(id)) ?? null;
  return { execution, result: isJsonObject(result) ? result : {} };
}

const NOT_OPEN: Readonly<Record<string, string>> = {
  timeout: 'timed out and cannot be responded to',
  succeeded: 'has already been responded to',
  canceled: 'was canceled and cannot be responded to',
  failed: 'failed and cannot be responded to: its execution says why',
};

/** Why nobody could answer it; undefined when it can be asked. */
export function inquiryProblem({ schema = {} }: JsonObject): string | undefined {
  if (!isJsonObject(schema)) return 'its `schema` must be a mapping.';
  const problem = schemaProblem(schema);
  return problem && `its \`schema\` is not valid: ${problem}`;
}

/** As StackStorm: where both are given, user and role must fit. Throws `PetrelError` (`forbidden`). */
function refuseOthers(id: Id, { users, roles }: JsonObject, requester: Requester): void {
  const { user } = requester;
  if (fits(users, [user]) && fits(roles, requester.roles)) return;
  throw new PetrelError(
    'forbidden',
    `User "${user}" does not have permission to respond to inquiry ${id}: its \`users\` and \`roles\` say who does.`,
  );
}

/** An empty list lets everybody through. */
function fits(allowed: Json | undefined, given: readonly string[]): boolean {
  return !Array.isArray(allowed) || allowed.length === 0 || allowed.some((one) => given.includes(String(one)));
}
