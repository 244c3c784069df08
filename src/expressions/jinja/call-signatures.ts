import { type Arguments, type PythonError, typeError } from '../python/index.ts';
import type { Filter } from './environment.ts';

/** What a filter or test of Jinja is called as in Python, and the parameters behind the value. */
interface Signature {
  readonly name: string;
  /** Arguments that are there before the first of the template: the value, and for some the environment. */
  readonly implicit: number;
  readonly parameters: readonly string[];
  readonly required: number;
  /** Written in C: positions only, with words of its own. */
  readonly native: boolean;
}

/**
 * `filter: python_name parameters`; `+` when the environment is passed as well, `?` behind parameters that may be left out. In
 * brackets: written in C. Filters that take anything (`map`, `select`, `format`) are not here.
 */
const FILTERS = `
abs: [abs]
attr: +do_attr name
batch: do_batch linecount fill_with?
capitalize: do_capitalize
center: do_center width?
count length: [len]
d default: do_default default_value? boolean?
dictsort: do_dictsort case_sensitive? by? reverse?
e escape: [markupsafe._speedups.escape]
filesizeformat: do_filesizeformat binary?
first: +sync_do_first
float: do_float default?
forceescape: do_forceescape
groupby: +sync_do_groupby attribute default? case_sensitive?
indent: do_indent width? first? blank?
int: do_int default? base?
items: do_items
join: +sync_do_join d? attribute?
last: +do_last
list: sync_do_list
lower: do_lower
max: +do_max case_sensitive? attribute?
min: +do_min case_sensitive? attribute?
pprint: do_pprint
random: +do_random
replace: +do_replace old new count?
reverse: do_reverse
round: do_round precision? method?
safe: do_mark_safe
slice: sync_do_slice slices fill_with?
sort: +do_sort reverse? case_sensitive? attribute?
string: [markupsafe._speedups.soft_str]
striptags: do_striptags
sum: +sync_do_sum attribute? start?
title: do_title
tojson: +do_tojson indent?
trim: do_trim chars?
truncate: +do_truncate length? killwords? end? leeway?
unique: +sync_do_unique case_sensitive? attribute?
upper: do_upper
urlencode: do_urlencode
urlize: +do_urlize trim_url_limit? nofollow? target? rel? extra_schemes?
wordcount: do_wordcount
wordwrap: +do_wordwrap width? break_long_words? wrapstring? break_on_hyphens?
xmlattr: +do_xmlattr autospace?`;

const TESTS = `
boolean: test_boolean
callable: [callable]
defined: test_defined
divisibleby: test_divisibleby num
== eq equalto: [eq] b
escaped: test_escaped
even: test_even
false: test_false
filter: +test_filter
float: test_float
>= ge: [ge] b
> gt greaterthan: [gt] b
in: test_in seq
integer: test_integer
iterable: test_iterable
<= le: [le] b
lower: test_lower
< lt lessthan: [lt] b
mapping: test_mapping
!= ne: [ne] b
none: test_none
number: test_number
odd: test_odd
sameas: test_sameas other
sequence: test_sequence
string: test_string
test: +test_test
true: test_true
undefined: test_undefined
upper: test_upper`;

function parse(text: string): ReadonlyMap<string, Signature> {
  const signatures = new Map<string, Signature>();
  for (const line of text.trim().split('\n')) {
    const [names = '', rest = ''] = line.split(': ');
    const [shown = '', ...parameters] = rest.split(' ');
    const signature: Signature = {
      name: shown.replace(/[+[\]]/g, ''),
      implicit: shown.startsWith('+') ? 2 : 1,
      parameters: parameters.map((parameter) => parameter.replace('?', '')),
      required: parameters.filter((parameter) => !parameter.endsWith('?')).length,
      native: shown.startsWith('['),
    };
    for (const name of names.split(' ')) signatures.set(name, signature);
  }
  return signatures;
}

const SIGNATURES = { filter: parse(FILTERS), test: parse(TESTS) };

/** Checks the arguments of Jinja's own filter or test before anything else happens, and complains as Python does. */
export function checkedCall(what: 'filter' | 'test', name: string, filter: Filter): Filter {
  const signature = SIGNATURES[what].get(name);
  if (signature === undefined) return filter;
  const most = signature.parameters.length;
  return (run, value, given) => {
    const count = given.positional.length;
    if (given.keywords !== undefined || count > most || count < signature.required) check(signature, given);
    return filter(run, value, given);
  };
}

function check(signature: Signature, given: Arguments): void {
  const { name, implicit, parameters, required, native } = signature;
  const count = given.positional.length;
  const keywords = given.keywords ?? new Map<string, unknown>();
  if (native) {
    if (keywords.size > 0) {
      throw typeError(`${parameters.length > 0 ? `_operator.${name}` : name}() takes no keyword arguments`);
    }
    if (parameters.length > 0) throw typeError(`${name} expected 2 arguments, got ${count + 1}`);
    throw typeError(`${name}() takes exactly one argument (${count + 1} given)`);
  }
  for (const keyword of keywords.keys()) {
    const index = parameters.indexOf(keyword);
    if (index < 0) throw typeError(`${name}() got an unexpected keyword argument '${keyword}'`);
    if (index < count) throw typeError(`${name}() got multiple values for argument '${keyword}'`);
  }
  if (count > parameters.length) {
    const most = implicit + parameters.length;
    const least = implicit + required;
    const takes = least === most ? String(most) : `from ${least} to ${most}`;
    throw typeError(
      `${name}() takes ${takes} positional argument${most === 1 ? '' : 's'} but ${count + implicit} were given`,
    );
  }
  const missing = parameters.slice(count, required).filter((parameter) => !keywords.has(parameter));
  if (missing.length > 0) throw missingArguments(name, missing);
}

function missingArguments(name: string, missing: readonly string[]): PythonError {
  const quoted = missing.map((parameter) => `'${parameter}'`);
  const shown = quoted.length > 1 ? `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}` : quoted.join('');
  return typeError(
    `${name}() missing ${missing.length} required positional argument${missing.length === 1 ? '' : 's'}: ${shown}`,
  );
}
