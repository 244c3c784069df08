/** The kinds being served now. CRDs and ThirdPartyResources come and go in it; everything else asks it. */
import type { Kind } from './kinds/kind.ts';

export class Registry {
  readonly #byPath = new Map<string, Kind>();
  readonly #sources = new Map<string, readonly Kind[]>();

  /**
   * Replaces what one source (the built-in kinds, one CRD, one ThirdPartyResource) serves; an empty list withdraws it.
   * Where two sources serve the same path the one that came first keeps it.
   */
  serve(source: string, kinds: readonly Kind[]): void {
    if (kinds.length === 0) this.#sources.delete(source);
    else this.#sources.set(source, kinds);
    this.#byPath.clear();
    for (const served of this.#sources.values()) {
      for (const kind of served) {
        const path = pathOf(kind.group, kind.version, kind.plural);
        if (!this.#byPath.has(path)) this.#byPath.set(path, kind);
      }
    }
  }

  find(group: string, version: string, plural: string): Kind | undefined {
    return this.#byPath.get(pathOf(group, version, plural));
  }

  findByKind(apiVersion: string, kind: string): Kind | undefined {
    return this.all().find((one) => one.apiVersion === apiVersion && one.kind === kind);
  }

  /** Any one of the versions under which what is stored under a key is served. */
  findByStorage(storageKey: string): Kind | undefined {
    return this.all().find((kind) => kind.storageKey === storageKey);
  }

  all(): readonly Kind[] {
    return [...this.#byPath.values()];
  }

  /** The kinds that discovery names. */
  listed(): readonly Kind[] {
    return this.all().filter((kind) => kind.listed);
  }

  versions(group: string): readonly string[] {
    return [...new Set(this.listed().flatMap((kind) => (kind.group === group ? [kind.version] : [])))].sort(
      newestFirst,
    );
  }

  /** The groups with a name, in the order in which they came to be served. */
  groups(): readonly string[] {
    return [...new Set(this.listed().map((kind) => kind.group))].filter((group) => group !== '');
  }

  /** Whether anything is served under a group and version, listed or not. */
  serves(group: string, version: string): boolean {
    return this.all().some((kind) => kind.group === group && kind.version === version);
  }
}

function pathOf(group: string, version: string, plural: string): string {
  return `${group}|${version}|${plural}`;
}

/** Kubernetes' version priority: v2, v1, v1beta2, v1beta1, v1alpha1, then everything else by name. */
export function newestFirst(a: string, b: string): number {
  const rank = (version: string): readonly [number, number, number] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (match === null) return [0, 0, 0];
    return [match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [first, second] = [rank(a), rank(b)];
  for (const index of [0, 1, 2] as const) {
    if (first[index] !== second[index]) return second[index] - first[index];
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
