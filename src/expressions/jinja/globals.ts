import {
  type Arguments,
  asIndex,
  bind,
  Dict,
  PythonError,
  PythonFunction,
  PythonObject,
  pairsOf,
  Range,
  repr,
  truthy,
  typeError,
  typeName,
} from '../python/index.ts';

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

  override attribute(name: string): unknown {
    if (name === 'current') return this.items[this.position];
    if (name === 'next') {
      return new PythonFunction('next', () => {
        const current = this.items[this.position];
        this.position = (this.position + 1) % this.items.length;
        return current;
      });
    }
    if (name === 'reset') {
      return new PythonFunction('reset', () => {
        this.position = 0;
        return null;
      });
    }
    return undefined;
  }
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

  override call(): unknown {
    if (this.used) return this.separator;
    this.used = true;
    return '';
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
function lipsum(given: Arguments): string {
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
  return paragraphs.join(truthy(html) ? '\n' : '\n\n');
}

/** Jinja's global functions. Each rendering gets the same ones: what they make holds the state. */
export const GLOBALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['range', new PythonFunction('range', range)],
  ['dict', new PythonFunction('dict', dictOf)],
  ['lipsum', new PythonFunction('lipsum', lipsum)],
  ['cycler', new PythonFunction('cycler', (given) => new Cycler(given.positional))],
  ['joiner', new PythonFunction('joiner', (given) => new Joiner(bind('joiner', given, ['sep'])[0] ?? ', '))],
  ['namespace', new PythonFunction('namespace', (given) => new Namespace(given))],
]);
