import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import type { Json, Problem } from '../model/index.ts';
import { type Place, START } from './problems.ts';
import { readPlainScalar, readTaggedScalar } from './yaml-scalars.ts';

export type Path = readonly (string | number)[];

/** A metadata file that was read: its value, where each part of it stands, and the complaints collected about it so far. */
export interface Source {
  readonly file: string;
  readonly pack: string;
  /** Undefined when the text could not be read at all; the reason is in `problems`. */
  readonly value: Json | undefined;
  readonly problems: readonly Problem[];
  /** Where the value (or, with `key`, its key) at `path` stands; the nearest enclosing thing when there is no such part. */
  place(path: Path, part?: 'key' | 'value'): Place;
  /** The text of the scalar at `path` as written, e.g. `1.0`, which as a number would lose its nought. */
  written(path: Path): string | undefined;
  error(path: Path, message: string, part?: 'key' | 'value'): void;
  warning(path: Path, message: string, part?: 'key' | 'value'): void;
}

/** Control characters, which PyYAML refuses anywhere. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** More values than any honest metadata file holds. Bounds what aliases of aliases ("billion laughs") can expand to. */
const MOST_VALUES = 200_000;

/**
 * Reads YAML as PyYAML would (`.json` files: as JSON), keeping positions. Never throws: what is wrong is in `problems`.
 * Unknown tags, several documents in one file and anchors that expand without end are errors. Of a key that is given twice the last counts,
 * as in PyYAML, with a warning; with `uniqueKeys` it is an error, as Orquesta wants it of workflows.
 */
export function parseSource(
  text: string,
  origin: { readonly file: string; readonly pack: string },
  options: { readonly uniqueKeys?: boolean } = {},
): Source {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const report = (severity: Problem['severity'], place: Place, message: string) => {
    problems.push({ severity, pack: origin.pack, file: origin.file, ...place, message });
  };
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? START : { line, column: col };
  };

  let root: Node | null = null;
  let anchors: Anchors = new Map();
  let value: Json | undefined;
  const unprintable = UNPRINTABLE.exec(text);
  if (unprintable !== null) {
    const code = unprintable[0].charCodeAt(0).toString(16).padStart(4, '0');
    const before = text.slice(0, unprintable.index).split('\n');
    const place = { line: before.length, column: (before.at(-1) ?? '').length + 1 };
    report('error', place, `The character U+${code.toUpperCase()} may not stand in YAML.`);
    return unread(origin, problems);
  }
  try {
    const document = parseDocument(text, {
      version: '1.1',
      schema: 'failsafe',
      lineCounter: lines,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    });
    // Only the first: those after it are mostly its consequences.
    const [mistake] = document.errors;
    if (mistake !== undefined) report('error', placeOf(mistake.pos[0]), sentence(mistake.message));
    root = document.contents;
    anchors = anchorsOf(document);
    if (document.errors.length === 0) {
      const reader = new Reader(
        anchors,
        origin.file.endsWith('.json'),
        (node, message, severity = 'error') => {
          report(options.uniqueKeys === true ? 'error' : severity, placeOf(node?.range?.[0] ?? 0), message);
        },
        placeOf,
      );
      value = reader.read(root);
      if (hasErrors(problems)) value = undefined;
    }
  } catch (error) {
    // The parser itself gave up: nesting deeper than the stack, for example.
    const why = error instanceof RangeError ? 'it is nested too deeply' : String(error);
    report('error', START, `The file cannot be read: ${why}.`);
    value = undefined;
  }

  const place = (path: Path, part: 'key' | 'value' = 'value') =>
    placeOf(find(root, anchors, path, part)?.range?.[0] ?? 0);
  return {
    ...origin,
    value,
    problems,
    place,
    written: (path) => {
      const node = find(root, anchors, path, 'value');
      return isScalar(node) ? node.source : undefined;
    },
    error: (path, message, part) => report('error', place(path, part), message),
    warning: (path, message, part) => report('warning', place(path, part), message),
  };
}

/** A source of nothing but complaints. */
function unread(origin: { readonly file: string; readonly pack: string }, problems: Problem[]): Source {
  const report = (severity: Problem['severity'], message: string) => {
    problems.push({ severity, pack: origin.pack, file: origin.file, ...START, message });
  };
  return {
    ...origin,
    value: undefined,
    problems,
    place: () => START,
    written: () => undefined,
    error: (_, message) => report('error', message),
    warning: (_, message) => report('warning', message),
  };
}

/** The same source, whose complaints are all warnings. */
export function gentle(source: Source): Source {
  return { ...source, error: source.warning };
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}

type Complain = (node: Node | null, message: string, severity?: Problem['severity']) => void;

/** Turns nodes into values. One reader per document, because it counts what it made. */
class Reader {
  private readonly anchors: Anchors;
  private readonly json: boolean;
  private readonly complain: Complain;
  private readonly placeOf: (offset: number) => Place;
  private count = 0;
  /** Anchored nodes being read: an alias to one of them would be a value that contains itself. */
  private readonly open = new Set<Node>();

  constructor(anchors: Anchors, json: boolean, complain: Complain, placeOf: (offset: number) => Place) {
    this.anchors = anchors;
    this.json = json;
    this.complain = complain;
    this.placeOf = placeOf;
  }

  read(node: unknown): Json {
    this.count += 1;
    if (this.count > MOST_VALUES) {
      if (this.count === MOST_VALUES + 1) {
        this.complain(
          node as Node,
          `The file expands to more than ${MOST_VALUES} values; its aliases repeat each other.`,
        );
      }
      return null;
    }
    if (isAlias(node)) return this.alias(node);
    if (isScalar(node)) return this.scalar(node.source ?? String(node.value ?? ''), node.type ?? 'PLAIN', node);
    if (isSeq(node)) {
      this.checkTag(node, 'seq');
      return this.nested(node, () => node.items.map((item) => this.read(item)));
    }
    if (isMap(node)) {
      this.checkTag(node, 'map');
      return this.nested(node, () => this.mapping(node.items));
    }
    return null;
  }

  private nested(node: Node, read: () => Json): Json {
    this.open.add(node);
    const value = read();
    this.open.delete(node);
    return value;
  }

  private alias(alias: Alias): Json {
    const target = this.anchors.get(alias);
    if (target === undefined) {
      this.complain(alias, `The alias "*${alias.source}" has no anchor "&${alias.source}" before it.`);
      return null;
    }
    if (this.open.has(target)) {
      this.complain(
        alias,
        `The alias "*${alias.source}" stands inside its own anchor, so the value would contain itself.`,
      );
      return null;
    }
    return this.read(target);
  }

  private scalar(text: string, type: string, node: Node & { value?: unknown; tag?: string | undefined }): Json {
    const content = typeof node.value === 'string' ? node.value : text;
    if (this.json) return this.jsonScalar(text, type, content, node);
    if (node.tag !== undefined) {
      const value = readTaggedScalar(node.tag, content);
      if (value === undefined) {
        this.complain(
          node,
          `The tag "${node.tag}" is not known here or does not fit this value; leave it out or quote the text.`,
        );
      }
      return value ?? null;
    }
    return type === 'PLAIN' ? readPlainScalar(content) : content;
  }

  private jsonScalar(text: string, type: string, content: string, node: Node): Json {
    if (type === 'QUOTE_DOUBLE') return content;
    try {
      return JSON.parse(text) as Json; // JSON.parse answers nothing but JSON
    } catch {
      this.complain(node, `"${text}" is not JSON: texts need double quotes.`);
      return null;
    }
  }

  private checkTag(node: Node & { tag?: string | undefined }, kind: 'map' | 'seq'): void {
    if (node.tag === undefined || node.tag === `tag:yaml.org,2002:${kind}`) return;
    this.complain(node, `The tag "${node.tag}" is not known here; only plain mappings, lists and scalars are read.`);
  }

  private mapping(pairs: readonly Pair[]): Json {
    const own = new Map<string, { readonly node: Node | null; readonly value: Json }>();
    const merged = new Map<string, Json>();
    for (const pair of pairs) {
      const keyNode = pair.key as Node | null; // the parser makes nodes of all keys
      if (isScalar(keyNode) && keyNode.type === 'PLAIN' && keyNode.value === '<<' && !this.json) {
        this.merge(pair.value, merged);
        continue;
      }
      const key = this.key(keyNode);
      if (key === undefined) continue;
      const first = own.get(key);
      if (first !== undefined) {
        const { line, column } = this.placeOf(first.node?.range?.[0] ?? 0);
        this.complain(
          keyNode,
          `The key "${key}" is given twice in the same mapping; this one counts, and not the one at line ${line}, column ${column}.`,
          'warning',
        );
      }
      own.set(key, { node: keyNode, value: this.read(pair.value) });
    }
    for (const [key, { value }] of own) merged.set(key, value);
    // fromEntries defines properties, so a key named `__proto__` is data like any other.
    return Object.fromEntries(merged);
  }

  /** The text of a key. As JSON has only text keys, `1:` and `yes:` are named as they are written. */
  private key(node: Node | null): string | undefined {
    const target = isAlias(node) ? this.anchors.get(node) : node;
    if (target === null || target === undefined) return '';
    if (isScalar(target)) return String(target.value ?? '');
    this.complain(node, 'A mapping or a list cannot be a key.');
    return undefined;
  }

  /** `<<`: the mapping's own keys win over merged ones, earlier merged mappings over later ones (YAML 1.1 merge key). */
  private merge(node: unknown, into: Map<string, Json>): void {
    const target = isAlias(node) ? this.anchors.get(node) : node;
    const sources = isSeq(target) ? target.items : [node];
    for (const source of sources) {
      const resolved = isAlias(source) ? this.anchors.get(source) : source;
      if (!isMap(resolved)) {
        this.complain((node as Node | null) ?? null, 'The merge key "<<" needs a mapping, or a list of mappings.');
        continue;
      }
      const value = this.read(source);
      for (const [key, item] of Object.entries(value ?? {})) if (!into.has(key)) into.set(key, item as Json);
    }
  }
}

/** The node at a path, looking through aliases and merge keys; where the path leaves the document, the last node met. */
function find(root: Node | null, anchors: Anchors, path: Path, part: 'key' | 'value'): Node | null {
  let node = root;
  const resolve = (candidate: unknown): Node | null => {
    const target = isAlias(candidate) ? anchors.get(candidate) : candidate;
    return (target ?? null) as Node | null; // everything below a parsed document is a node
  };
  for (const [index, step] of path.entries()) {
    const container = resolve(node);
    const last = index === path.length - 1;
    if (isSeq(container) && typeof step === 'number') {
      const item = container.items[step];
      if (item === undefined || item === null) return node;
      node = item as Node; // as above
    } else if (isMap(container)) {
      const pair = pairOf(container.items, String(step), resolve, 0);
      if (pair === undefined) return node;
      const key = pair.key as Node; // as above
      node = last && part === 'key' ? key : ((pair.value as Node | null) ?? key);
      if (isScalar(node) && node.range !== undefined && node.range !== null && node.source === '') node = key;
    } else {
      return node;
    }
  }
  return node;
}

function pairOf(
  pairs: readonly Pair[],
  name: string,
  resolve: (candidate: unknown) => Node | null,
  depth: number,
): Pair | undefined {
  const merges: unknown[] = [];
  for (const pair of pairs) {
    const key = resolve(pair.key);
    if (!isScalar(key)) continue;
    if (key.type === 'PLAIN' && key.value === '<<') merges.push(pair.value);
    else if (String(key.value ?? '') === name) return pair;
  }
  if (depth > 20) return undefined;
  for (const merge of merges) {
    const target = resolve(merge);
    for (const source of isSeq(target) ? target.items : [target]) {
      const mapping = resolve(source);
      const found = isMap(mapping) ? pairOf(mapping.items, name, resolve, depth + 1) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Which node each alias stands for: the last one before it with that anchor. One pass, however many aliases there are. */
type Anchors = ReadonlyMap<Alias, Node>;

function anchorsOf(document: Document.Parsed): Anchors {
  const named = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) {
        const target = named.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) {
        named.set(node.anchor, node);
      }
    },
  });
  return targets;
}

function sentence(message: string): string {
  if (message.includes('call stack')) return 'This is nested too deeply to be read.';
  const text = message.trim().replace(/\s+/g, ' ');
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
