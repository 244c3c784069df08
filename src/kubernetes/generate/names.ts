/** Names of a description as names of TypeScript. Whatever they hold, what comes out is an identifier, and no two are the same. */

/** Words that cannot name a function or a type, and names the generated code itself uses. */
const RESERVED = new Set(
  [
    'abstract any as asserts async await bigint boolean break case catch class const constructor continue debugger declare default',
    'delete do else enum eval export extends false finally for from function get global if implements import in infer instanceof',
    'interface is keyof let module namespace never new null number object of package private protected public readonly require',
    'return set static string super switch symbol this throw true try type typeof undefined unique unknown using var void while',
    'with yield arguments client parameters options streamed types',
    'Array AsyncGenerator AsyncIterable Blob Error Promise Record Object String Number Boolean Symbol Function',
  ].flatMap((line) => line.split(' ')),
);

/** The words of a text: runs of what identifiers may hold. */
function wordsOf(text: string): readonly string[] {
  return text.split(/[^\p{ID_Continue}$]+/u).filter((word) => word !== '');
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const startable = (text: string): string => (/^[\p{ID_Start}_$]/u.test(text) ? text : `_${text}`);

/** `list-pods` is listPods; `listCoreV1NamespacedPod` stays. */
export function camelCase(text: string): string {
  const [first = '', ...rest] = wordsOf(text);
  const lower = /^\p{Lu}+$/u.test(first) ? first.toLowerCase() : first.charAt(0).toLowerCase() + first.slice(1);
  return startable([lower, ...rest.map(capital)].join(''));
}

/** `v1.Pod` is V1Pod. */
export function pascalCase(text: string): string {
  return startable(wordsOf(text).map(capital).join(''));
}

/**
 * `CoreV1Pod` of `io.k8s.api.core.v1.Pod`, `IntstrIntOrString` of `io.k8s.apimachinery.pkg.util.intstr.IntOrString`: Kubernetes' own names
 * without the places of its source that every one of them begins with.
 */
export function typeName(schema: string): string {
  const versioned = schema.replace(/^io\.k8s\.(?:api\.|[\w-]+\.pkg\.(?:apis?\.)?)(?=[\w-]+\.v\d\w*\.)/, '');
  const own = /^io\.k8s\.apimachinery\.pkg\.(?:.*\.)?([^.]+\.[^.]+)$/.exec(versioned);
  return pascalCase(own?.[1] ?? versioned);
}

/** `core-v1` of `core_v1`: a name for a file on any system. */
export function fileName(text: string): string {
  const name = text
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .join('-');
  return name === '' ? 'api' : name.slice(0, 100);
}

/** `petstore-client` of the title Petstore. */
export function directoryName(title: string): string {
  return `${fileName(title).replace(/-(?:api-)?client$/, '')}-client`;
}

/** A property as it stands in a type or an object: `name`, or `'x-name'`. */
export function propertyKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' ? name : literal(name);
}

/** An access to it: `.name`, or `['x-name']`. */
export function propertyAccess(name: string): string {
  const key = propertyKey(name);
  return key === name ? `.${key}` : `[${key}]`;
}

/** A text in single quotes, in which nothing can end it: line separators are escaped, too. */
export function literal(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

/** Hands out each name once; the next who wants it gets it with what sets it apart, else with a number. */
export class Names {
  readonly #taken: Set<string>;

  constructor(taken: readonly string[] = []) {
    this.#taken = new Set(taken);
  }

  unique(wanted: string, qualifier = ''): string {
    const base = RESERVED.has(wanted) ? `${wanted}_` : wanted;
    const candidates = [base, ...(qualifier === '' ? [] : [`${base}${qualifier}`])];
    let name = candidates.find((candidate) => !this.#taken.has(candidate));
    for (let number = 2; name === undefined; number += 1) {
      if (!this.#taken.has(`${base}${number}`)) name = `${base}${number}`;
    }
    this.#taken.add(name);
    return name;
  }
}
