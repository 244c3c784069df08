import { join } from 'node:path';
import { createDocumentStore, createOperationCatalogue, type KubernetesClient } from '../kubernetes/index.ts';
import { type ActionProvider, messageOf } from '../model/index.ts';
import type { Registry } from '../packs/index.ts';
import type { Logger } from '../sdk/index.ts';

/** The operations of the cluster's API as actions; its documents are kept over restarts. */
export function openCatalogue(
  client: KubernetesClient,
  data: string,
  { log, now }: { readonly log: Logger; readonly now: () => number },
) {
  const documents = createDocumentStore(join(data, 'cache', 'openapi'), client.server);
  return createOperationCatalogue({ client, documents, log, now });
}

/**
 * Looks up what rules name, now and whenever packs change, so that it is known when their event comes, whether the cluster is there or
 * not. Answers a function that ends it.
 */
export function keepLookedUp(provider: ActionProvider, registry: Registry, log: Logger): () => void {
  const lookUp = () => {
    const { rules, actions } = registry.snapshot();
    const named = new Set([...rules.values()].map(({ action }) => action.ref));
    for (const ref of named) {
      if (!actions.has(ref)) provider.find(ref).catch((error: unknown) => log.warn(messageOf(error)));
    }
  };
  lookUp();
  return registry.onChange(lookUp);
}
