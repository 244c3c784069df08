import { type Arguments, bind, truthy } from '../../python/index.ts';
import { checkedCall } from '../call-signatures.ts';
import type { Filter } from '../environment.ts';
import { Markup, plain } from '../markup.ts';
import { Undefined } from '../undefined.ts';
import { HTML_FILTERS } from './html.ts';
import { NUMBER_FILTERS } from './numbers.ts';
import { SEQUENCE_FILTERS } from './sequences.ts';
import { TEXT_FILTERS } from './text.ts';

const defaultTo: Filter = (_run, value, given) => {
  const [otherwise = '', boolean] = bind('default', given, ['default_value', 'boolean']);
  return value instanceof Undefined || (truthy(boolean) && !truthy(value)) ? otherwise : value;
};

/** Filters that must see marked text as such; all others get its text. */
const MARKED: ReadonlySet<string> = new Set(
  (
    'attr batch capitalize center d default e escape first forceescape format groupby indent join last list lower map max min ' +
    'pprint reject rejectattr replace reverse round safe select selectattr slice sort string striptags sum tojson trim truncate ' +
    'unique upper urlize xmlattr'
  ).split(' '),
);

/** Lets a filter or test see plain text where the template has text that is marked as escaped. */
export function withPlainText(filter: Filter): Filter {
  return (run, value, given) => filter(run, plain(value), plainArguments(given));
}

function plainArguments(given: Arguments): Arguments {
  if (
    !given.positional.some(isMarkup) &&
    (given.keywords === undefined || ![...given.keywords.values()].some(isMarkup))
  ) {
    return given;
  }
  const keywords =
    given.keywords === undefined
      ? undefined
      : new Map([...given.keywords].map(([name, value]) => [name, plain(value)] as const));
  return { positional: given.positional.map(plain), keywords };
}

function isMarkup(value: unknown): boolean {
  return value instanceof Markup;
}

/** All filters of Jinja 3.1. */
export const BUILTIN_FILTERS: ReadonlyMap<string, Filter> = new Map(
  Object.entries({
    ...TEXT_FILTERS,
    ...SEQUENCE_FILTERS,
    ...NUMBER_FILTERS,
    ...HTML_FILTERS,
    d: defaultTo,
    default: defaultTo,
  }).map(([name, filter]) => {
    return [name, checkedCall('filter', name, MARKED.has(name) ? filter : withPlainText(filter))] as const;
  }),
);
