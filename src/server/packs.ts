import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { compileFormat } from '../aliases/index.ts';
import { createContentStore, createRegistry, type RegistrySettings } from '../packs/index.ts';
import type { Store } from '../store/index.ts';
import type { Closers } from './closers.ts';

export interface PacksSettings {
  readonly data: string;
  /** Directories of packs, first wins. */
  readonly packs?: readonly string[];
  readonly configs?: string;
  /** Whether edits are picked up. */
  readonly watch?: boolean;
}

export interface PacksServices extends Pick<RegistrySettings, 'modules' | 'runners' | 'provider' | 'log'> {
  readonly store: Store;
  readonly closers: Closers;
  /** The directory of the packs that come with Petrel. */
  readonly shipped: string;
}

/** Packs from files, and the content that was made by the API. */
export async function openPacks(
  { data, packs = [], configs, watch }: PacksSettings,
  { store, closers, shipped, ...services }: PacksServices,
) {
  const packsDirectory = resolve(data, 'packs');
  await mkdir(packsDirectory, { recursive: true });
  const filesDirectory = resolve(data, 'content');
  const registry = createRegistry({
    ...services,
    packDirectories: [...packs, packsDirectory, shipped],
    baseDirectory: shipped,
    configDirectory: resolve(configs ?? join(data, 'configs')),
    overridesDirectory: join(data, 'overrides'),
    checkAliasFormat: compileFormat,
    filesDirectory,
  });
  await registry.load();
  const content = createContentStore({ store, registry, log: services.log, filesDirectory });
  await content.load();
  if (store.dialect === 'postgres') closers.push(content.follow());
  if (watch === true) closers.push(registry.watch());
  return { registry, content, packsDirectory };
}
