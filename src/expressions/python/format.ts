import { dictGet, isDict } from './dict.ts';
import { PythonError, valueError } from './errors.ts';
import { formatValue } from './format-spec.ts';
import { getItem } from './indexing.ts';
import { checkText } from './limits.ts';
import { asciiRepr, repr, str } from './text.ts';
import { typeName } from './types.ts';

/** How a format reaches into its values and prints them. */
export interface FieldAccess {
  /** `{0.name}`. Throws where there is no such attribute. */
  readonly attribute: (value: unknown, name: string) => unknown;
  /** `{0[key]}`. Keys of digits are ints. */
  readonly item: (value: unknown, key: string | number) => unknown;
  /** The text of a field. */
  readonly print: (value: unknown, spec: string) => string;
}

/**
 * Python's `text.format(*positional, **named)`, as `string.Formatter` does it; `named` is a Map of keywords or any value that has
 * items. Throws KeyError, IndexError, ValueError in its words.
 */
export function formatText(
  template: string,
  positional: readonly unknown[],
  named: unknown,
  access: FieldAccess,
): string {
  return new Formatter(positional, named, access).format(template, 2);
}

/** Plain access: names that begin with `_` do not exist. */
export function plainAccess(member: (value: unknown, name: string) => unknown): FieldAccess {
  return {
    attribute: (value, name) => {
      const found = name.startsWith('_') ? undefined : member(value, name);
      if (found !== undefined) return found;
      throw new PythonError('AttributeError', `'${typeName(value)}' object has no attribute ${repr(name)}`);
    },
    item: getItem,
    print: formatValue,
  };
}

/** One `{name!conversion:spec}` of a format, and where it ends. */
interface Field {
  readonly name: string;
  readonly conversion: string | undefined;
  readonly spec: string;
  readonly end: number;
}

class Formatter {
  /** The next field without a number; undefined once a field had one. */
  private next: number | undefined = 0;
  private readonly positional: readonly unknown[];
  private readonly named: unknown;
  private readonly access: FieldAccess;

  constructor(positional: readonly unknown[], named: unknown, access: FieldAccess) {
    this.positional = positional;
    this.named = named;
    this.access = access;
  }

  format(template: string, depth: number): string {
    if (depth < 0) throw valueError('Max string recursion exceeded');
    let out = '';
    for (let index = 0; index < template.length; index += 1) {
      const character = template[index];
      if (character !== '{' && character !== '}') out += character;
      else if (template[index + 1] === character) {
        out += character;
        index += 1;
      } else if (character === '}' || index + 1 === template.length) {
        throw valueError(`Single '${character}' encountered in format string`);
      } else {
        const field = parseField(template, index + 1);
        out += this.field(field, depth);
        index = field.end;
      }
      checkText(out.length);
    }
    return out;
  }

  private field({ name, conversion, spec }: Field, depth: number): string {
    let value = this.lookUp(this.numbered(name));
    if (conversion === 'r') value = repr(value);
    else if (conversion === 'a') value = asciiRepr(value);
    else if (conversion === 's') value = str(value);
    else if (conversion !== undefined) throw valueError(`Unknown conversion specifier ${conversion}`);
    return this.access.print(value, this.format(spec, depth - 1));
  }

  private numbered(name: string): string {
    if (name !== '' && !/^\p{Nd}+$/u.test(name)) return name;
    if (name === '' ? this.next === undefined : this.next !== undefined && this.next > 0) {
      throw valueError('cannot switch from manual field specification to automatic field numbering');
    }
    if (name !== '') {
      this.next = undefined;
      return name;
    }
    const number = this.next ?? 0;
    this.next = number + 1;
    return String(number);
  }

  private lookUp(name: string): unknown {
    const first = /^[^.[]*/.exec(name)?.[0] ?? '';
    let value = this.first(first);
    let rest = name.slice(first.length);
    while (rest !== '') {
      const step = rest.startsWith('.') ? /^\.([^.[]*)/.exec(rest) : /^\[([^\]]*)(\])?/.exec(rest);
      if (step === null) throw valueError("Only '.' or '[' may follow ']' in format field specifier");
      const [whole, part = '', closed] = step;
      if (rest.startsWith('[') && closed === undefined) throw valueError("Missing ']' in format string");
      if (part === '') throw valueError('Empty attribute in format string');
      if (rest.startsWith('.')) value = this.access.attribute(value, part);
      else value = this.access.item(value, /^\d{1,15}$/.test(part) ? Number(part) : part);
      rest = rest.slice(whole.length);
    }
    return value;
  }

  private first(name: string): unknown {
    if (/^\d+$/.test(name)) {
      const value = this.positional[Number(name)];
      if (value === undefined) throw new PythonError('IndexError', 'tuple index out of range');
      return value;
    }
    if (!(this.named instanceof Map) && this.named !== undefined && !isDict(this.named)) {
      return getItem(this.named, name);
    }
    let value: unknown;
    if (this.named instanceof Map) value = this.named.get(name);
    else if (isDict(this.named)) value = dictGet(this.named, name);
    if (value === undefined) throw new PythonError('KeyError', repr(name));
    return value;
  }
}

/** Reads a field from behind its `{`. What stands in square brackets belongs to the name. */
function parseField(template: string, start: number): Field {
  let index = start;
  for (; index < template.length && !'}:!'.includes(template.charAt(index)); index += 1) {
    if (template[index] === '{') throw valueError("unexpected '{' in field name");
    if (template[index] === '[') {
      const close = template.indexOf(']', index);
      index = close < 0 ? template.length : close;
    }
  }
  if (index >= template.length) throw valueError("expected '}' before end of string");
  const name = template.slice(start, index);
  let conversion: string | undefined;
  if (template[index] === '!') {
    conversion = template[index + 1];
    if (conversion === undefined) throw valueError('end of string while looking for conversion specifier');
    index += 2;
    if (template[index] === undefined) throw valueError("unmatched '{' in format spec");
    if (template[index] !== '}' && template[index] !== ':') {
      throw valueError("expected ':' after conversion specifier");
    }
  }
  if (template[index] === '}') return { name, conversion, spec: '', end: index };
  const begin = index + 1;
  let depth = 1;
  for (index = begin; index < template.length; index += 1) {
    if (template[index] === '{') depth += 1;
    else if (template[index] === '}') depth -= 1;
    if (depth === 0) return { name, conversion, spec: template.slice(begin, index), end: index };
  }
  throw valueError("unmatched '{' in format spec");
}
