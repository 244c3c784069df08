import type { JsonObject } from '../../model/index.ts';
import { type Connection, call } from '../client.ts';

/** Petrel as its users see it, through the API. */
export interface PetrelView {
  triggerInstances(trigger: string): Promise<readonly JsonObject[]>;
  enforcements(triggerInstance: string): Promise<readonly JsonObject[]>;
  execution(id: string): Promise<JsonObject>;
  tasks(id: string): Promise<readonly JsonObject[]>;
  /** Declared resources, and what keeps them. */
  resources(): Promise<readonly JsonObject[]>;
  /** The CustomResourceDefinition of a declared resource. */
  definition(ref: string): Promise<JsonObject>;
  /** Asks Petrel to look at what exists now. */
  reconcile(ref: string): Promise<void>;
  /** Everything the API shows of executions, resources and keys, as one text: to look for what must not be in it. */
  everythingShown(): Promise<string>;
}

export function viewPetrel(connection: Connection): PetrelView {
  const get = async (path: string) => (await call(connection, 'GET', path)).body as JsonObject; // routes of one thing answer objects
  const list = async (path: string) => (await call(connection, 'GET', path)).body as readonly JsonObject[]; // lists answer arrays
  return {
    triggerInstances: (trigger) => list(`/triggerinstances?trigger=${encodeURIComponent(trigger)}&limit=100`),
    enforcements: (instance) => list(`/ruleenforcements?trigger_instance=${instance}`),
    execution: (id) => get(`/executions/${id}`),
    resources: () => list('/resources?limit=-1'),
    definition: (ref) => get(`/resources/${ref}/crd`),
    async reconcile(ref) {
      await call(connection, 'POST', `/resources/${ref}/reconcile`, { dry_run: false });
    },
    tasks: (id) => list(`/executions/${id}/children`),
    async everythingShown() {
      const executions = await list('/executions?limit=-1');
      const outputs = await Promise.all(
        executions.map(({ id }) => call(connection, 'GET', `/executions/${id}/output`)),
      );
      const instances = await list('/triggerinstances?limit=-1');
      const objects = await list('/resources/objects?limit=-1');
      const keys = await list('/keys?limit=-1');
      return JSON.stringify([executions, outputs, instances, objects, keys]);
    },
  };
}
