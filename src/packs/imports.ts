import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';

/** A module of a pack with everything of the pack that it imports. */
export interface ModuleGraph {
  /** Absolute paths, the module itself first. */
  readonly files: readonly string[];
  /** What is imported by name rather than by path, e.g. `zod`, and one file that does. Node's own modules are left out. */
  readonly packages: ReadonlyMap<string, string>;
  /** Changes when one of the files changes. */
  readonly fingerprint: string;
}

const SPECIFIER = /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*(['"])([^'"\n]+)\1/g;
const EXTENSIONS = ['', '.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js'];

/**
 * Follows a module's relative imports. The sources are searched, not parsed: an import quoted in a comment at worst adds a
 * file to watch. Throws when `file` itself cannot be read.
 */
export function readModuleGraph(file: string): ModuleGraph {
  const files = [file];
  const packages = new Map<string, string>();
  for (let next = 0; next < files.length; next += 1) {
    const current = files[next] ?? file;
    for (const match of readFileSync(current, 'utf8').matchAll(SPECIFIER)) {
      const specifier = match[2] ?? '';
      if (specifier.startsWith('.')) {
        const found = resolveRelative(current, specifier);
        if (found !== undefined && !files.includes(found)) files.push(found);
      } else if (!specifier.startsWith('node:') && !specifier.startsWith('/') && !builtinModules.includes(specifier)) {
        if (!packages.has(specifier)) packages.set(specifier, current);
      }
    }
  }
  return { files, packages, fingerprint: fingerprintOf(files) };
}

/** Modification time, size and inode of each file: cheap enough to ask before every run. */
export function fingerprintOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const stats = statSync(file, { throwIfNoEntry: false });
      return stats === undefined ? '-' : `${stats.mtimeMs}.${stats.size}.${stats.ino}`;
    })
    .join(' ');
}

/** What the files say, as one short text: the same wherever and whenever they were written. */
export function contentHashOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = existsSync(file) ? readFileSync(file) : '';
    hash.update(`${content.length}\n`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Whether Node finds this package when `file` imports it. */
export function isInstalledFor(specifier: string, file: string): boolean {
  try {
    createRequire(file).resolve(specifier);
    return true;
  } catch (error) {
    // A package that only offers an `import` entry is installed, though `require` does not find its entry.
    return error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}

function resolveRelative(from: string, specifier: string): string | undefined {
  const base = resolve(dirname(from), specifier);
  // TypeScript sources may name the file that will be compiled from them.
  const candidates = [
    ...EXTENSIONS.map((extension) => base + extension),
    base.replace(/\.js$/, '.ts').replace(/\.mjs$/, '.mts'),
  ];
  return candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
}
