import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Problem } from '../../src/model/index.ts';
import { createModuleLoader, type KnownRunner, type ModuleLoader } from '../../src/packs/index.ts';

const folders: string[] = [];

/** A new folder; `removeTemporaryFolders` deletes it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'petrel-packs-'));
  folders.push(folder);
  return folder;
}

export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Writes files into a folder, making the folders they lie in. */
export function write(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

export const PACK_YAML = `ref: trial
name: Trial
description: A pack to try things with.
version: 1.0.0
author: Tests
`;

/** A folder that is a pack called `trial`, with these files. */
export function trialPack(files: Files = {}): string {
  const folder = temporaryFolder();
  write(folder, { 'pack.yaml': PACK_YAML, ...files });
  return folder;
}

export function newModules(timeout = 10_000): ModuleLoader {
  return createModuleLoader({ cacheDirectory: temporaryFolder(), timeout });
}

/** Runners with just enough parameters for what is tested here. */
export const RUNNERS: readonly KnownRunner[] = [
  { name: 'noop', parameters: {} },
  {
    name: 'local-shell-cmd',
    parameters: {
      cmd: { type: 'string', description: 'The command.' },
      sudo: { type: 'boolean', default: false },
      timeout: { type: 'integer', default: 60 },
      fixed: { type: 'string', default: 'x', immutable: true },
    },
  },
  { name: 'local-shell-script', parameters: { timeout: { type: 'integer', default: 60 } } },
  { name: 'action-chain', parameters: {} },
  { name: 'orquesta', parameters: {} },
  { name: 'typescript-script', parameters: { timeout: { type: 'integer', default: 600 } } },
  { name: 'typescript-workflow', parameters: {} },
];

/** `line:column severity message`. */
export function brief({ line, column, severity, message }: Problem): string {
  return `${line}:${column} ${severity}: ${message}`;
}
