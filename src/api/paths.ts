/** Where the API and the event stream are; every other address that StackStorm's clients use leads there. */
export const API = '/api/v1';
export const STREAM = '/stream/v1';
/** Where StackStorm's clients sign in; the API takes the same below its own address. */
export const AUTH = '/auth/v1';

const ALIASES: Readonly<Record<string, string>> = { actionexecutions: 'executions' };

/**
 * The address at which a route is registered, for any address that a client may use for it (stackstorm-api.md section 1): with or
 * without a version, directly or behind StackStorm's proxy. `collections`: the first segments of the API's routes. What leads nowhere is
 * answered as it is.
 */
export function canonicalUrl(url: string, collections: ReadonlySet<string>): string {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const query = mark === -1 ? '' : url.slice(mark);
  const [first = '', ...rest] = path.split('/').slice(1);
  if (first === 'api') {
    const below = isVersion(rest[0]) ? rest.slice(1) : rest;
    return inApi(below, collections, query) ?? url;
  }
  if (isVersion(first)) return inApi(rest, collections, query) ?? url;
  if (first === 'stream') {
    const below = rest[0] === 'v1' ? rest.slice(1) : rest;
    const [name = ''] = below;
    return `${STREAM}/${name === '' ? 'stream' : below.join('/')}${query}`;
  }
  return first === '' ? url : (inApi([first, ...rest], collections, query) ?? url);
}

/** `exp` is where StackStorm had what was new, and where its web interface still looks for inquiries. */
function isVersion(segment: string | undefined): boolean {
  return segment === 'v1' || segment === 'exp';
}

/** Undefined: no such collection, and the error is to name the address as it was asked for. */
function inApi(segments: readonly string[], collections: ReadonlySet<string>, query: string): string | undefined {
  const [first = '', ...rest] = segments;
  if (first === 'stream') return `${STREAM}/${[first, ...rest].join('/')}${query}`;
  if (first === '') return `${API}/${query}`;
  const name = Object.hasOwn(ALIASES, first) ? ALIASES[first] : first;
  return name !== undefined && collections.has(name) ? `${API}/${[name, ...rest].join('/')}${query}` : undefined;
}
