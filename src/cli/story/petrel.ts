import { createClient } from '../../client/index.ts';
import type { JsonObject } from '../../model/index.ts';
import type { Connection } from '../client.ts';

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
  const client = createClient(connection);
  const all = { limit: -1 };
  return {
    triggerInstances: (trigger) => client.call('GET /triggerinstances', { query: { trigger, limit: 100 } }),
    enforcements: (instance) => client.call('GET /ruleenforcements', { query: { trigger_instance: instance } }),
    execution: (id) => client.call('GET /executions/{id}', { path: { id } }),
    resources: () => client.call('GET /resources', { query: all }),
    definition: (ref) => client.call('GET /resources/{ref}/crd', { path: { ref } }),
    async reconcile(ref) {
      await client.call('POST /resources/{ref}/reconcile', { path: { ref }, body: { dry_run: false } });
    },
    tasks: (id) => client.call('GET /executions/{id}/children', { path: { id } }),
    async everythingShown() {
      const executions = await client.call('GET /executions', { query: all });
      const outputs = await Promise.all(
        executions.map(({ id }) => client.call('GET /executions/{id}/output', { path: { id } })),
      );
      const instances = await client.call('GET /triggerinstances', { query: all });
      const objects = await client.call('GET /resources/objects', { query: all });
      const keys = await client.call('GET /keys', { query: all });
      return JSON.stringify([executions, outputs, instances, objects, keys]);
    },
  };
}
