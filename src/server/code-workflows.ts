import { relative } from 'node:path';
import { PetrelError } from '../model/index.ts';
import type { ModuleLoader, Registry } from '../packs/index.ts';
import type { LoadedWorkflow } from '../workflows/index.ts';

/** The code of a workflow in TypeScript, as the registry knows it now. */
export async function loadWorkflow(registry: Registry, modules: ModuleLoader, ref: string): Promise<LoadedWorkflow> {
  const { actions, packs } = registry.snapshot();
  const action = actions.get(ref);
  if (action === undefined) throw new PetrelError('not_found', `The workflow ${ref} is not registered any more.`);
  const folder = packs.get(action.pack)?.manifest.path ?? '';
  return { ...(await modules.loadWorkflow(action.entryPath)), file: relative(folder, action.entryPath) };
}
