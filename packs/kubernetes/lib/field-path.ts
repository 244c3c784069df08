/**
 * Reads a field by a path as `kubectl wait --for=jsonpath` takes it: `{.status.phase}`, `.status.phase` or `status.phase`; `[0]` for
 * an item of a list, `['a.b']` or `a\.b` for a name with a dot. Answers undefined where there is nothing. Throws for a malformed path.
 */
export function readField(object: unknown, path: string): unknown {
  let value = object;
  for (const step of parsePath(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step]; // an own property, as checked
  }
  return value;
}

export function parsePath(path: string): readonly string[] {
  const inner = path
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .replace(/^\$/, '');
  const steps: string[] = [];
  const token = /\.?((?:[^.[\]\\'"]|\\.)+)|\[(\d+)\]|\[(?:'([^']*)'|"([^"]*)")\]/gy;
  let end = 0;
  for (let match = token.exec(inner); match !== null; match = token.exec(inner)) {
    steps.push(match[1]?.replace(/\\(.)/g, '$1') ?? match[2] ?? match[3] ?? match[4] ?? '');
    end = token.lastIndex;
  }
  if (end !== inner.length || steps.length === 0) {
    throw new Error(
      `The path ${JSON.stringify(path)} is malformed. Write it like .status.phase or .status.addresses[0].ip.`,
    );
  }
  return steps;
}
