/**
 * Jinja2 3.1 as StackStorm's sandboxed environment has it (stackstorm-jinja-and-datastore.md): its syntax and scoping rules, its
 * filters and tests, StackStorm's filters, Python's values and printing. Templates are compiled to closures once and kept.
 *
 * Why our own and not a package: what exists in JavaScript prints JavaScript's text (`null`, `1`, `a,b` for `None`, `1.0`,
 * `['a', 'b']`), knows no strict undefined values and has Python's methods only in part; the parser is the smaller half.
 *
 * Pure and bounded: nothing of JavaScript or of the host can be reached, every rendering has a budget of steps, depth and
 * output. Data is never parsed as a template. Deliberately not here: loaders (`include`, `extends` and `import` fail), extensions,
 * bytes, names of characters in text literals.
 */
export type { Filter, StandaloneFilter } from './environment.ts';
export { STACKSTORM_FILTERS } from './filters/stackstorm.ts';
export { createJinja, type Jinja, type JinjaOptions } from './jinja.ts';
export { KeyLookup, keyLookup, keyLookups, type ReadKey } from './key-lookups.ts';
export { parseLeadingExpression, parseTemplate } from './parse-template.ts';
export type { Variables } from './run.ts';
export { TemplateSyntaxError } from './syntax-error.ts';
export type { CompiledExpression, Template } from './template.ts';
export { Undefined } from './undefined.ts';
