import { MASKED, type Masker } from './datastore.ts';
import { SecretIndex } from './secret-index.ts';

/** How many secrets are remembered; then the one that was not seen for longest is forgotten. */
const REMEMBERED = 10_000;

/** A masker that knows no secret yet. Its functions may be passed around without it. */
export function createMasker(options: { remembered?: number } = {}): Masker {
  const index = new SecretIndex(options.remembered ?? REMEMBERED);

  const mask = (text: string): string => {
    if (index.isEmpty) return text;
    const findings = index.find(text);
    if (findings.length === 0) return text;
    let masked = '';
    let position = 0;
    for (const { start, end } of findings) {
      masked += text.slice(position, start) + MASKED;
      position = end;
    }
    return masked + text.slice(position);
  };

  return {
    add: (value) => index.add(value),
    forget: (value) => index.remove(value),
    mask,
    // `mapStrings` answers a value of the same shape.
    maskJson: <T>(value: T): T => (index.isEmpty ? value : (mapStrings(value, mask) as T)),
    secretsIn(text) {
      const secrets = new Set<string>();
      index.find(text, secrets);
      return [...secrets];
    },
    settledLength(text) {
      const unfinished = index.unfinishedFrom(text);
      // A secret that reaches into the unfinished part is replaced as a whole, with what may follow it.
      const across = index.find(text).find(({ start, end }) => start < unfinished && end > unfinished);
      return across?.start ?? unfinished;
    },
  };
}

/** Replaces every string, keys included; the same object when nothing changes. Only arrays and plain objects are entered. */
function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) {
    let items: unknown[] | undefined;
    for (const [index, item] of value.entries()) {
      const mapped = mapStrings(item, map);
      if (items === undefined && mapped !== item) items = value.slice(0, index);
      items?.push(mapped);
    }
    return items ?? value;
  }
  if (!isPlain(value)) return value;
  // Most of what is shown holds no secret, so nothing is copied until the first one is found.
  let entries: [string, unknown][] | undefined;
  for (const [index, key] of Object.keys(value).entries()) {
    const item = value[key];
    const mapped: [string, unknown] = [map(key), mapStrings(item, map)];
    if (entries === undefined && (mapped[0] !== key || mapped[1] !== item)) {
      entries = Object.entries(value).slice(0, index);
    }
    entries?.push(mapped);
  }
  // fromEntries makes own properties of whatever name, `__proto__` too.
  return entries === undefined ? value : Object.fromEntries(entries);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
