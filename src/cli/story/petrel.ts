import type { JsonObject } from '../../model/index.ts';
import { type Connection, call } from '../client.ts';

/** Petrel as its users see it, through the API. */
export interface PetrelView {
  triggerInstances(trigger: string): Promise<readonly JsonObject[]>;
  enforcements(triggerInstance: string): Promise<readonly JsonObject[]>;
  execution(id: string): Promise<JsonObject>;
  tasks(id: string): Promise<readonly JsonObject[]>;
  /** Everything the API shows of executions, as one text: to look for what must not be in it. */
  everythingShown(): Promise<string>;
}

export function viewPetrel(connection: Connection): PetrelView {
  const list = async (path: string) => (await call(connection, 'GET', path)).body as readonly JsonObject[]; // lists answer arrays
  return {
    triggerInstances: (trigger) => list(`/triggerinstances?trigger=${encodeURIComponent(trigger)}&limit=100`),
    enforcements: (instance) => list(`/ruleenforcements?trigger_instance=${instance}`),
    execution: async (id) => (await call(connection, 'GET', `/executions/${id}`)).body as JsonObject, // an execution
    tasks: (id) => list(`/executions/${id}/children`),
    async everythingShown() {
      const executions = await list('/executions?limit=-1');
      const outputs = await Promise.all(
        executions.map(({ id }) => call(connection, 'GET', `/executions/${id}/output`)),
      );
      const instances = await list('/triggerinstances?limit=-1');
      return JSON.stringify([executions, outputs, instances]);
    },
  };
}
