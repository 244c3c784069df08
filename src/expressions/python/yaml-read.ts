import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseAllDocuments, Scalar, type YAMLMap } from 'yaml';
import { Dict, dictEntries } from './dict.ts';
import { LIMITS } from './limits.ts';
import { PySet } from './set.ts';
import { construct, plainKind, type ScalarKind, yamlError } from './yaml-resolve.ts';

/**
 * Reads YAML as PyYAML's `safe_load`: YAML 1.1 (`yes` is true, `017` is 15, `1:30` is 90, `1e3` is text), merge keys, aliases,
 * dates as dates; the last of equal keys wins. Throws PythonError.
 */
export function loadYaml(text: string): unknown {
  const documents = parseAllDocuments(text, {
    version: '1.1',
    schema: 'failsafe',
    merge: false,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  if (!Array.isArray(documents)) return null;
  const [document, second] = documents;
  if (document === undefined) return null;
  const [error] = document.errors;
  if (error !== undefined) throw yamlError(error.message.split('\n')[0]?.replace(/:$/, '') ?? 'not valid YAML');
  if (second !== undefined) throw yamlError('expected a single document in the stream');
  // The type of the list's members is lost: without composing options these are parsed nodes.
  const contents = document.contents as ParsedNode | null;
  return contents === null ? null : new Constructor().value(contents, 0);
}

const CORE = 'tag:yaml.org,2002:';
const SCALAR_TAGS: ReadonlySet<string> = new Set(['str', 'null', 'bool', 'int', 'float', 'timestamp']);

class Constructor {
  private readonly anchors = new Map<string, unknown>();

  value(node: ParsedNode | null, depth: number): unknown {
    if (node === null) return null;
    if (depth > LIMITS.depth / 2) throw yamlError('too many nested collections');
    if (isAlias(node)) {
      const value = this.anchors.get(node.source);
      if (value === undefined) throw yamlError(`found undefined alias '${node.source}'`);
      return value;
    }
    const tag = tagOf(node);
    if (isScalar(node)) return this.anchored(node.anchor, this.scalar(node, tag));
    if (isSeq<ParsedNode>(node)) {
      if (tag !== undefined && tag !== 'seq') throw unknownTag(tag);
      const items: unknown[] = [];
      // Known before it is filled: a list may hold itself.
      this.anchored(node.anchor, items);
      for (const item of node.items) items.push(this.value(item, depth + 1));
      return items;
    }
    if (!isMap<ParsedNode, ParsedNode | null>(node)) throw yamlError('not valid YAML');
    if (tag === 'set')
      return this.anchored(node.anchor, new PySet(node.items.map((pair) => this.value(pair.key, depth + 1))));
    if (tag !== undefined && tag !== 'map') throw unknownTag(tag);
    return this.map(node, depth);
  }

  private anchored<T>(anchor: string | undefined, value: T): T {
    if (anchor !== undefined) this.anchors.set(anchor, value);
    return value;
  }

  private scalar(node: Scalar, tag: string | undefined): unknown {
    const text = String(node.value ?? '');
    if (tag === undefined || tag === '!') {
      const kind: ScalarKind = node.type === Scalar.PLAIN ? plainKind(text) : 'str';
      return construct(kind, text);
    }
    // SCALAR_TAGS holds kinds of scalars.
    if (SCALAR_TAGS.has(tag)) return construct(tag as ScalarKind, text);
    throw unknownTag(tag);
  }

  private map(node: YAMLMap<ParsedNode, ParsedNode | null>, depth: number): Dict {
    const dict = new Dict();
    this.anchored(node.anchor, dict);
    const merged = node.items.filter((pair) => isMergeKey(pair.key));
    for (const pair of merged) this.merge(dict, this.value(pair.value, depth + 1));
    for (const pair of node.items) {
      if (isMergeKey(pair.key)) continue;
      const key = this.value(pair.key, depth + 1);
      if (Array.isArray(key) || key instanceof Dict || key instanceof PySet) throw yamlError('found unhashable key');
      dict.set(key, this.value(pair.value, depth + 1));
    }
    return dict;
  }

  /** Of several merged mappings, the first goes before the others. */
  private merge(dict: Dict, value: unknown): void {
    const sources = Array.isArray(value) ? value.slice().reverse() : [value];
    for (const source of sources) {
      if (!(source instanceof Dict)) throw yamlError('expected a mapping or list of mappings for merging');
      for (const [key, item] of dictEntries(source)) dict.set(key, item);
    }
  }
}

function isMergeKey(key: ParsedNode): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.value === '<<' && tagOf(key) === undefined;
}

/** The short name of an explicit tag. Nodes without one have none here. */
function tagOf(node: ParsedNode): string | undefined {
  const { tag } = node;
  if (tag === undefined || tag === '') return undefined;
  return tag.startsWith(CORE) ? tag.slice(CORE.length) : tag;
}

function unknownTag(tag: string): Error {
  return yamlError(`could not determine a constructor for the tag '${tag}'`);
}
