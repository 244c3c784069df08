/**
 * Regular expressions as Python 3.11's `re` understands them: rule criteria, Jinja filters, YAQL and action aliases of existing
 * packs are written for it, and JavaScript's differ in syntax (`(?P<n>)`, `(?i)`, `\Z`), in classes (Unicode by default) and in
 * `$`. The engine is our own because patterns come from packs and texts from the outside: it counts its steps and gives up with an
 * error instead of holding the process, and it cannot overflow the stack.
 *
 * It deliberately has no bytes patterns, no locale flag and no `\N{...}` names.
 */
export type { RegexFlags } from './flags.ts';
export { compilePythonRegex, type PythonRegex, type RegexMatch } from './pattern.ts';
export type { Node as RegexNode } from './syntax.ts';
export { parsePythonRegex } from './tree.ts';
