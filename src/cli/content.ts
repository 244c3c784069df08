import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnerTypes } from '../executions/index.ts';
import { createModuleLoader, type KnownRunner, type ModuleLoader } from '../packs/index.ts';
import { createRunners } from '../runners/index.ts';
import { version } from '../version.ts';
import { workflowKinds } from '../workflows/index.ts';

/** What commands need that read packs without a server. */
export interface ContentTools {
  readonly modules: ModuleLoader;
  readonly runners: readonly KnownRunner[];
}

/** Lends the tools, with a cache directory that is gone afterwards. */
export async function withContentTools<T>(work: (tools: ContentTools) => Promise<T>): Promise<T> {
  const cacheDirectory = await mkdtemp(join(tmpdir(), 'petrel-cache-'));
  try {
    const modules = createModuleLoader({ cacheDirectory });
    return await work({ modules, runners: runnerTypes(createRunners({ ...modules, version }), workflowKinds) });
  } finally {
    await rm(cacheDirectory, { recursive: true, force: true });
  }
}
