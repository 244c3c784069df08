import { dictGet, isDict } from './dict.ts';
import { PythonError, valueError } from './errors.ts';
import { formatValue } from './format-spec.ts';
import { getItem } from './indexing.ts';
import { checkText } from './limits.ts';
import { repr, str } from './text.ts';

/**
 * Python's `text.format(*positional, **named)`. Attributes in fields (`{0.name}`) go through the same members as everywhere;
 * names that begin with `_` do not exist. Throws KeyError, IndexError, ValueError.
 */
export function formatText(template: string, positional: readonly unknown[], named: unknown, member: Member): string {
  return new Formatter(positional, named, member).format(template, 2);
}

/** Looks up `value.name`; undefined when there is none. */
export type Member = (value: unknown, name: string) => unknown;

class Formatter {
  private next = 0;
  private manual = false;
  private readonly positional: readonly unknown[];
  private readonly named: unknown;
  private readonly member: Member;

  constructor(positional: readonly unknown[], named: unknown, member: Member) {
    this.positional = positional;
    this.named = named;
    this.member = member;
  }

  format(template: string, depth: number): string {
    if (depth < 0) throw valueError('Max string recursion exceeded');
    let out = '';
    for (let index = 0; index < template.length; index += 1) {
      const character = template[index];
      if (character === '{' && template[index + 1] !== '{') {
        const end = closing(template, index);
        out += this.field(template.slice(index + 1, end), depth);
        index = end;
      } else if (character === '{' || character === '}') {
        if (template[index + 1] !== character) throw valueError("Single '}' encountered in format string");
        out += character;
        index += 1;
      } else out += character;
      checkText(out.length);
    }
    return out;
  }

  private field(field: string, depth: number): string {
    // A colon or `!` inside square brackets belongs to the key.
    const match = /^((?:[^[\]:!{}]|\[[^\]]*\])*)(?:!(.))?(?::(.*))?$/s.exec(field);
    if (match === null) {
      throw valueError(
        field.includes('!') ? "expected ':' after conversion specifier" : "expected '}' before end of string",
      );
    }
    const [, name = '', conversion, spec = ''] = match;
    let value = this.lookUp(name);
    if (conversion === 'r' || conversion === 'a') value = repr(value);
    else if (conversion === 's') value = str(value);
    else if (conversion !== undefined) throw valueError(`Unknown conversion specifier ${conversion}`);
    return formatValue(value, spec.includes('{') ? this.format(spec, depth - 1) : spec);
  }

  private lookUp(name: string): unknown {
    const [, first = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(name) ?? [];
    let value = this.first(first);
    const step = /^(?:\.([^.[\]]+)|\[([^\]]+)\])/;
    let remaining = rest;
    while (remaining !== '') {
      const match = step.exec(remaining);
      if (match === null) throw valueError('Empty attribute in format string');
      const [whole, attribute, key] = match;
      if (attribute !== undefined) value = attributeOrItem(value, attribute, this.member);
      else value = getItem(value, key !== undefined && /^\d+$/.test(key) ? Number(key) : key);
      remaining = remaining.slice(whole.length);
    }
    return value;
  }

  private first(name: string): unknown {
    if (name === '' || /^\d+$/.test(name)) {
      if (this.manual !== (name !== '') && (this.next > 0 || this.manual)) {
        throw valueError(
          this.manual
            ? 'cannot switch from manual field specification to automatic field numbering'
            : 'cannot switch from automatic field numbering to manual field specification',
        );
      }
      this.manual = name !== '';
      const index = name === '' ? this.next : Number(name);
      this.next += 1;
      const value = this.positional[index];
      if (value === undefined) {
        throw new PythonError('IndexError', 'tuple index out of range');
      }
      return value;
    }
    let value: unknown;
    if (this.named instanceof Map) value = this.named.get(name);
    else if (isDict(this.named)) value = dictGet(this.named, name);
    if (value === undefined) throw new PythonError('KeyError', repr(name));
    return value;
  }
}

function closing(template: string, open: number): number {
  let depth = 0;
  for (let index = open; index < template.length; index += 1) {
    if (template[index] === '{') depth += 1;
    else if (template[index] === '}') {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  throw valueError(
    open === template.length - 1 ? "Single '{' encountered in format string" : "expected '}' before end of string",
  );
}

/** As the sandbox of Jinja: an attribute, else an item of that name. */
function attributeOrItem(value: unknown, name: string, member: Member): unknown {
  const found = name.startsWith('_') ? undefined : member(value, name);
  if (found !== undefined) return found;
  if (isDict(value)) {
    const item = dictGet(value, name);
    if (item !== undefined) return item;
  }
  throw new PythonError('AttributeError', `no attribute ${repr(name)}`);
}
