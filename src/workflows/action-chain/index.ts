import type { JsonObject } from '../../model/index.ts';
import type { Conductor } from '../conductor.ts';
import type { TemplatesFor } from '../templates.ts';
import { decide } from './conduct.ts';
import { history } from './history.ts';
import { parseChain } from './parse.ts';
import { type ChainEvent, type ChainState, fold, INITIAL } from './state.ts';

/** StackStorm's ActionChain: one task after the other, the next chosen by how the last one ended. */
export function createActionChain(templatesFor: TemplatesFor): Conductor<ChainState> {
  return {
    runnerType: 'action-chain',
    description: 'Runs actions one after the other.',
    parameters: {
      display_published: { type: 'boolean', description: 'Keep published variables in the result.', default: true },
      skip_notify: { type: 'array', description: 'Names of tasks whose notifications are left out.', default: [] },
    },
    outputKey: 'published',
    parse: parseChain,
    initial: () => INITIAL,
    // The journal of a chain holds what `decide` wrote and nothing else.
    fold: (state, event: JsonObject) => fold(state, event as unknown as ChainEvent),
    history: (events) => history(events as readonly unknown[] as readonly ChainEvent[]),
    decide: (state, input, environment) =>
      decide(state, input, { environment, templates: templatesFor((ciphertext) => environment.decrypt(ciphertext)) }),
  };
}
