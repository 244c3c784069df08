import type { JsonObject } from '../model/index.ts';
import type { Runner } from './runner.ts';

const MINUTE = 60_000;

/** One question, as StackStorm's: whether to go on. */
const CONTINUE: JsonObject = {
  title: 'response_data',
  type: 'object',
  properties: {
    continue: { type: 'boolean', description: 'Would you like to continue the workflow?', required: true },
  },
};

/** Asks people (stackstorm-packs.md, section 5.9): its execution waits until one of them has answered, or the time is over. */
export const inquirer: Runner = {
  name: 'inquirer',
  description: 'Asks for an answer, and waits for it.',
  parameters: {
    schema: {
      type: 'object',
      description: 'JSON schema of the answer. Fields with `secret: true` are stored encrypted, and masked.',
      default: CONTINUE,
    },
    roles: { type: 'array', description: 'Who may answer, by role; empty: everybody.', default: [] },
    users: { type: 'array', description: 'Who may answer, by name; empty: everybody.', default: [] },
    route: { type: 'string', description: 'For rules on core.st2.generic.inquiry: whom to tell.', default: '' },
    ttl: {
      type: 'integer',
      description: 'Minutes to wait for the answer; 0: for ever.',
      default: 1440,
    },
  },
  async run({ runnerParameters }) {
    const { schema = CONTINUE, roles = [], users = [], route = '', ttl = 0 } = runnerParameters;
    return {
      status: 'pending',
      result: { schema, roles, users, route, ttl },
      ...(typeof ttl === 'number' && ttl > 0 && { timeToAnswer: ttl * MINUTE }),
    };
  },
};
