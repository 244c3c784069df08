/**
 * Packs: reading a folder of content from disk into the registry, with file, line and column in every complaint.
 *
 * A file that is wrong is refused and named; everything else loads, so that one bad pack cannot break the others. What is
 * read becomes plain data of the vocabulary (src/model), put together into snapshots that never change. `watch` follows
 * the folders: an edit takes effect without a restart, a broken edit leaves the last good state in force.
 *
 * This room does not run anything: not actions, not rules, not sensors. It evaluates the TypeScript modules of packs because
 * their metadata is in them, and hands the loaded actions to the runner that runs them. It does not judge expressions
 * or workflow definitions of Orquesta; their rooms do.
 */

export type { KnownRunner } from './action-file.ts';
export type { AddedContent, AddedKind } from './added.ts';
export { BUILTIN_TRIGGER_TYPES } from './builtin-trigger-types.ts';
export { type ConfigRendering, maskedConfig, resolveConfig, schemaOfItem, schemaOfProperty } from './config.ts';
export { createRegistry, type LiveRegistry, type RegistryLog, type RegistrySettings } from './create-registry.ts';
export {
  type ConfigItem,
  changeConfig,
  configItem,
  configItems,
  readItem,
} from './install/configure.ts';
export { createPack, type PackTemplate } from './install/create.ts';
export { type Installed, type InstallSettings, installPack, removePack } from './install/install.ts';
export { type LintSettings, lintPack } from './lint.ts';
export { configFileOf, loadPack, type PackReading } from './load-pack.ts';
export type { LoadedPack, RefusedPack } from './loaded-pack.ts';
export { ModuleError } from './module-error.ts';
export { createModuleLoader, type ModuleLoader, type PackDefinition, runPackModule } from './modules.ts';
export { POLICY_TYPES, type PolicyType } from './policy-types.ts';
export { didYouMean, formatProblem } from './problems.ts';
export type { Registry, RegistrySnapshot } from './registry.ts';
export { parseSource, type Source } from './source.ts';
export { type ContentStore, createContentStore } from './stored-content.ts';
export { actionFromDefinition, TYPESCRIPT_RUNNER, TYPESCRIPT_WORKFLOW } from './typescript-action.ts';
