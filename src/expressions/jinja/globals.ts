import {
  type Arguments,
  asIndex,
  bind,
  Dict,
  member,
  PythonError,
  PythonFunction,
  PythonObject,
  pairsOf,
  Range,
  repr,
  Tuple,
  truthy,
  typeError,
  typeName,
} from '../python/index.ts';
import { Markup } from './markup.ts';

/** `namespace(a=1)`: the one thing whose members a template may assign from inside a loop. */
export class Namespace extends PythonObject {
  readonly typeName = 'Namespace';
  private readonly members: Dict;

  constructor(given: Arguments) {
    super();
    this.members = dictOf(given);
  }

  set(name: string, value: unknown): void {
    this.members.set(name, value);
  }

  override repr(): string {
    return `<Namespace ${repr(this.members)}>`;
  }

  override attribute(name: string): unknown {
    return this.members.get(name);
  }
}

class Cycler extends PythonObject {
  readonly typeName = 'Cycler';
  private readonly items: readonly unknown[];
  private position = 0;

  constructor(items: readonly unknown[]) {
    super();
    if (items.length === 0) throw new PythonError('RuntimeError', 'at least one item has to be provided');
    this.items = items;
  }

  override repr(): string {
    return '<jinja2.utils.Cycler object at 0x7f0000000000>';
  }

  override attribute(name: string): unknown {
    if (name === 'items') return new Tuple(this.items);
    if (name === 'pos') return this.position;
    if (name === 'current') return this.items[this.position];
    if (name === 'next') {
      return new PythonFunction('next', (given) => {
        noArguments('Cycler.next', given);
        const current = this.items[this.position];
        this.position = (this.position + 1) % this.items.length;
        return current;
      });
    }
    if (name === 'reset') {
      return new PythonFunction('reset', (given) => {
        noArguments('Cycler.reset', given);
        this.position = 0;
        return null;
      });
    }
    return undefined;
  }
}

/** What Python says of arguments to a method that takes none. */
function noArguments(name: string, given: Arguments): void {
  const [keyword] = given.keywords?.keys() ?? [];
  if (keyword !== undefined) throw typeError(`${name}() got an unexpected keyword argument '${keyword}'`);
  const count = given.positional.length;
  if (count > 0) throw typeError(`${name}() takes 1 positional argument but ${count + 1} were given`);
}

/** Nothing when called first, the separator ever after. */
class Joiner extends PythonObject {
  readonly typeName = 'Joiner';
  private readonly separator: unknown;
  private used = false;

  constructor(separator: unknown) {
    super();
    this.separator = separator;
  }

  override repr(): string {
    return '<jinja2.utils.Joiner object at 0x7f0000000000>';
  }

  override attribute(name: string): unknown {
    if (name === 'sep') return this.separator;
    return name === 'used' ? this.used : undefined;
  }

  override call(given: Arguments): unknown {
    noArguments('Joiner.__call__', given);
    if (this.used) return this.separator;
    this.used = true;
    return '';
  }
}

/** One of Python's types: calling it makes a value. */
class Type extends PythonFunction {
  override readonly typeName = 'type';
  private readonly module: string;

  constructor(name: string, module: string, make: (given: Arguments) => unknown) {
    super(name, make);
    this.module = module;
  }

  override repr(): string {
    return `<class '${this.module}${this.name}'>`;
  }

  override attribute(name: string): unknown {
    return this.name === 'dict' && name === 'fromkeys' ? member(new Dict(), name) : undefined;
  }
}

function dictOf(given: Arguments): Dict {
  if (given.positional.length > 1) throw typeError(`dict expected at most 1 argument, got ${given.positional.length}`);
  const dict = new Dict(given.positional.length === 1 ? pairsOf(given.positional[0]) : []);
  for (const [key, value] of given.keywords ?? []) dict.set(key, value);
  return dict;
}

/** The sandbox's limit on `range`. */
const MAX_RANGE = 100_000;

function range(given: Arguments): Range {
  const [keyword] = given.keywords?.keys() ?? [];
  if (keyword !== undefined) throw typeError(`safe_range() got an unexpected keyword argument '${keyword}'`);
  const made = Range.of(given);
  if (made.length() > MAX_RANGE) throw overflow();
  return made;
}

function overflow(): PythonError {
  return new PythonError(
    'OverflowError',
    `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${MAX_RANGE}).`,
  );
}

const WORDS = (
  'a ac accumsan ad adipiscing aenean aliquam aliquet amet ante aptent arcu at auctor augue bibendum blandit class commodo ' +
  'condimentum congue consectetuer consequat conubia convallis cras cubilia cum curabitur curae cursus dapibus diam dictum ' +
  'dignissim dis dolor donec dui duis egestas eget eleifend elementum elit enim erat eros est et etiam eu euismod facilisi ' +
  'fames faucibus felis fermentum feugiat fringilla fusce gravida habitant hendrerit hymenaeos iaculis id imperdiet in integer ' +
  'interdum ipsum justo lacinia lacus laoreet lectus leo libero ligula litora lobortis lorem luctus maecenas magna magnis ' +
  'malesuada massa mattis mauris metus mi molestie mollis montes morbi mus nam nascetur natoque nec neque netus nibh nisi nisl'
).split(' ');

/** Filler text: `n` paragraphs of `min` to `max` words. The words are always the same: evaluation is pure. */
function lipsum(given: Arguments): unknown {
  const [n = 5, html = true, min = 20, max = 100] = bind('lipsum', given, ['n', 'html', 'min', 'max']);
  const number = (value: unknown) => asIndex(value, `'${typeName(value)}' object cannot be interpreted as an integer`);
  const paragraphs: string[] = [];
  const count = Math.min(number(n), 1000);
  const length = Math.max(1, Math.min(1000, Math.floor((number(min) + number(max)) / 2)));
  for (let paragraph = 0; paragraph < count; paragraph += 1) {
    const words = Array.from({ length }, (_, index) => WORDS[(paragraph * 31 + index * 7) % WORDS.length] ?? '');
    const text = words.join(' ');
    const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
    paragraphs.push(truthy(html) ? `<p>${sentence}</p>` : sentence);
  }
  return truthy(html) ? new Markup(paragraphs.join('\n')) : paragraphs.join('\n\n');
}

/** Jinja's global functions. Each rendering gets the same ones: what they make holds the state. */
export const GLOBALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['range', new PythonFunction('safe_range', range)],
  ['dict', new Type('dict', '', dictOf)],
  ['lipsum', new PythonFunction('generate_lorem_ipsum', lipsum)],
  ['cycler', new Type('Cycler', 'jinja2.utils.', (given) => new Cycler(given.positional))],
  ['joiner', new Type('Joiner', 'jinja2.utils.', (given) => new Joiner(bind('joiner', given, ['sep'])[0] ?? ', '))],
  ['namespace', new Type('Namespace', 'jinja2.utils.', (given) => new Namespace(given))],
]);
