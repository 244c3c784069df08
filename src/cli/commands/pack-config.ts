import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createCipher, openKeyFile } from '../../datastore/index.ts';
import { isJsonObject, type Json, type JsonObject, type PackContent, PetrelError } from '../../model/index.ts';
import {
  type ConfigItem,
  changeConfig,
  configFileOf,
  configItem,
  configItems,
  formatProblem,
  loadPack,
  maskedConfig,
  readItem,
} from '../../packs/index.ts';
import { shippedPackFolders } from '../../shipped-packs.ts';
import { openTerminal } from '../ask.ts';
import { withContentTools } from '../content.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';
import { packsDirectoryOf } from './pack-install.ts';

interface ConfigOptions extends GlobalOptions {
  readonly set: readonly string[];
  readonly configs?: string;
  readonly packs: readonly string[];
  readonly show?: boolean;
}

/** Sets a pack's configuration: what --set says, else what somebody at the terminal answers. Needs no server. */
export async function config(ref: string, options: ConfigOptions): Promise<void> {
  const configDirectory = resolve(options.configs ?? join(options.data, 'configs'));
  const content = await findPack(ref, configDirectory, options);
  const file = configFileOf(configDirectory, content.manifest.ref);
  if (options.show !== true) {
    const changes = options.set.length > 0 ? options.set.map((word) => changeOf(content, word)) : await ask(content);
    if (changes.length > 0) {
      await mkdir(options.data, { recursive: true, mode: 0o700 });
      const cipher = createCipher(await openKeyFile(join(options.data, 'keys.json')));
      const configuring = { pack: content.manifest.ref, file, schemas: content.configSchema, encrypt: cipher.encrypt };
      await changeConfig(configuring, changes);
    }
  }
  const now = await findPack(ref, configDirectory, options);
  const values = maskedConfig(now.config, now.configSchema);
  await print({ pack: now.manifest.ref, file, values }, options, () => `${JSON.stringify(values, null, 2)}\n${file}`);
}

async function findPack(ref: string, configDirectory: string, options: ConfigOptions): Promise<PackContent> {
  const folders = [
    ...options.packs.flatMap((base) => [base, join(base, ref)]),
    join(packsDirectoryOf(options), ref),
    ...shippedPackFolders(),
  ];
  return await withContentTools(async ({ modules }) => {
    for (const folder of folders.filter((candidate) => existsSync(join(candidate, 'pack.yaml')))) {
      const pack = await loadPack(folder, { modules, configDirectory });
      if (pack.kind !== 'loaded' || pack.content.manifest.ref !== ref) continue;
      const wrong = pack.content.problems.find(
        ({ severity, file }) => severity === 'error' && file.endsWith('config.schema.yaml'),
      );
      if (wrong !== undefined) throw new PetrelError('invalid', formatProblem(wrong));
      return pack.content;
    }
    throw new PetrelError('not_found', `There is no pack "${ref}"; say where it is with --packs DIR, or install it.`);
  });
}

function changeOf({ configSchema }: PackContent, word: string): { path: readonly string[]; value: Json } {
  const [, name = '', text] = /^([^=]+)=([\s\S]*)$/.exec(word) ?? [];
  if (text === undefined) throw new PetrelError('invalid', `"${word}" sets nothing; write --set name=value.`);
  const item = configItem(configSchema, name);
  return { path: item.path, value: readItem(item, text) };
}

/** Item by item. What is left empty stays as it is. */
async function ask({
  configSchema,
  config: values,
  manifest,
}: PackContent): Promise<{ path: readonly string[]; value: Json }[]> {
  const items = configItems(configSchema);
  if (items.length === 0)
    throw new PetrelError(
      'invalid',
      `The pack ${manifest.ref} has no config.schema.yaml, so there is nothing to ask; use --set name=value.`,
    );
  if (!process.stdin.isTTY) throw new PetrelError('invalid', 'There is no terminal to ask; use --set name=value.');
  const terminal = openTerminal();
  const changes: { path: readonly string[]; value: Json }[] = [];
  try {
    for (const item of items) {
      const question = questionOf(item, values);
      const text = item.schema.secret === true ? await terminal.askSecret(question) : await terminal.ask(question);
      if (text.trim() !== '') changes.push({ path: item.path, value: readItem(item, text.trim()) });
    }
  } finally {
    terminal.close();
  }
  return changes;
}

function questionOf({ path, schema }: ConfigItem, values: JsonObject): string {
  const now = path.reduce<Json | undefined>((value, name) => (isJsonObject(value) ? value[name] : undefined), values);
  const about = typeof schema.description === 'string' ? `${schema.description.trim()} ` : '';
  const choices = Array.isArray(schema.enum) ? schema.enum.map(String).join(' | ') : String(schema.type ?? 'string');
  const shown = schema.secret === true ? '********' : JSON.stringify(now);
  const state =
    now === undefined || now === null ? (schema.required === true ? 'required' : 'may be left empty') : `now ${shown}`;
  return `${about}${path.join('.')} (${choices}; ${state}): `;
}
