import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * From the top of the house to the bottom; imports go down only. The list is that of docs/architecture.md, with server.ts where
 * it belongs as the place that wires all the rooms together. Other files directly in src/ (a version, a log) stand beside it.
 */
const ROOMS = [
  'cli',
  'client',
  'server.ts',
  'server',
  'api',
  'access',
  'sensors',
  'events',
  'executions',
  'workflows',
  'rules',
  'aliases',
  'resources',
  'runners',
  'packs',
  'expressions',
  'kubernetes',
  'datastore',
  'store',
  'model',
  'sdk',
  'sandbox',
];

const ROOT = resolve(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'src');
const LONGEST = 600;
const GENERATED = ['src/client/api-types.ts'];

interface Import {
  /** Relative to src/ or to the pack folders' parent. */
  readonly from: string;
  readonly specifier: string;
  /** `import type`: gone when the code runs. */
  readonly typeOnly: boolean;
}

const STATEMENT = /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?(['"])([^'"]+)\2/gm;
const CALL = /\bimport\(\s*(['"])([^'"]+)\1\s*\)/g;

function importsOf(base: string, file: string): Import[] {
  const text = readFileSync(join(base, file), 'utf8');
  return [
    ...[...text.matchAll(STATEMENT)].map(([, type, , specifier = '']) => ({
      from: file,
      specifier,
      typeOnly: type !== undefined,
    })),
    ...[...text.matchAll(CALL)].map(([, , specifier = '']) => ({ from: file, specifier, typeOnly: false })),
  ];
}

/** Files below a folder with one of the extensions, relative to it. */
function filesBelow(folder: string, ...extensions: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => extensions.some((extension) => file.endsWith(extension)) && !file.includes('node_modules'))
    .sort();
}

const files = filesBelow(SOURCE, '.ts');
const imports = files.flatMap((file) => importsOf(SOURCE, file));

const roomOf = (file: string): string => file.split('/')[0] ?? '';
const depthOf = (file: string): number => {
  const room = roomOf(file);
  return ROOMS.indexOf(room.endsWith('.ts') ? 'server.ts' : room);
};
const targetOf = ({ from, specifier }: Import): string => relative(SOURCE, resolve(SOURCE, dirname(from), specifier));
const isRelative = ({ specifier }: Import): boolean => specifier.startsWith('.');

describe('the rooms of src/', () => {
  it('are those of the list, and each file lies in one', () => {
    expect(files.filter((file) => depthOf(file) < 0)).toEqual([]);
  });

  it('import only what lies below them', () => {
    const upward = imports.filter(isRelative).filter((one) => depthOf(targetOf(one)) < depthOf(one.from));
    expect(upward.map((one) => `${one.from} imports ${targetOf(one)}`)).toEqual([]);
  });

  it('import each other only through index.ts', () => {
    const past = imports.filter(isRelative).filter((one) => {
      const target = targetOf(one);
      const room = roomOf(target);
      return room !== roomOf(one.from) && target !== `${room}/index.ts` && target !== room;
    });
    expect(past.map((one) => `${one.from} imports ${targetOf(one)}`)).toEqual([]);
  });

  it('do not import themselves by the name that packs use', () => {
    const byName = imports.filter(({ specifier }) => specifier.startsWith('petrel/'));
    expect(byName.map(({ from, specifier }) => `${from} imports ${specifier}`)).toEqual([]);
  });

  it('import only files that exist, with their extension', () => {
    const missing = imports.filter(isRelative).filter((one) => !existsSync(join(SOURCE, targetOf(one))));
    expect(missing.map((one) => `${one.from} imports ${one.specifier}`)).toEqual([]);
  });

  it('have no two files that import each other in a circle', () => {
    const graph = new Map<string, string[]>(files.map((file) => [file, []]));
    for (const one of imports.filter(isRelative)) {
      if (!one.typeOnly && roomOf(targetOf(one)) === roomOf(one.from)) graph.get(one.from)?.push(targetOf(one));
    }
    expect(circles(graph)).toEqual([]);
  });
});

/** One line for each circle found: `a.ts > b.ts > a.ts`. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]) => {
    if (trail.includes(file)) {
      found.push([...trail.slice(trail.indexOf(file)), file].join(' > '));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}

describe('the shipped packs', () => {
  const base = join(ROOT, 'packs');
  const dependencies = Object.keys(manifest().dependencies);

  it("import only the SDK, Node, Petrel's packages and files of their own", () => {
    const wrong = filesBelow(base, '.ts')
      .flatMap((file) => importsOf(base, file))
      .filter((one) => {
        if (isRelative(one)) {
          const target = relative(base, resolve(base, dirname(one.from), one.specifier));
          return roomOf(target) !== roomOf(one.from) || !existsSync(join(base, target));
        }
        const { specifier } = one;
        if (specifier.startsWith('node:')) return !builtinModules.includes(specifier.slice('node:'.length));
        if (specifier === 'petrel/sdk' || specifier === 'petrel/kubernetes') return false;
        return !dependencies.some((name) => specifier === name || specifier.startsWith(`${name}/`));
      });
    expect(wrong.map(({ from, specifier }) => `packs/${from} imports ${specifier}`)).toEqual([]);
  });
});

describe('package.json', () => {
  it('exports, and starts, files that are built from src/', () => {
    const { exports, bin } = manifest();
    const targets = [...Object.values(exports).flatMap((entry) => Object.values(entry)), ...Object.values(bin)];
    const sources = targets.map((target) =>
      target.replace(/^(?:\.\/)?dist\//, 'src/').replace(/(?:\.d\.ts|\.js)$/, '.ts'),
    );
    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
  });
});

describe('files written by hand', () => {
  it(`have at most ${LONGEST} lines`, () => {
    const long = ['src', 'packs']
      .flatMap((folder) =>
        filesBelow(join(ROOT, folder), '.ts', '.py', '.yaml', '.md').map((file) => join(folder, file)),
      )
      .filter((file) => !GENERATED.includes(file))
      .map((file) => ({ file, lines: readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > LONGEST);
    expect(long).toEqual([]);
  });
});

function manifest(): {
  exports: Record<string, Record<string, string>>;
  bin: Record<string, string>;
  dependencies: Record<string, string>;
} {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
}
