/**
 * The languages that packs write inside their YAML, and what they stand on: Python's values, Python's regular expressions,
 * jsonpath-rw's paths. Everything here is pure and bounded: no I/O, no clock that is not passed in, and no text can make an
 * evaluation run without end. What an evaluation reads of the database comes in as functions that may throw `MissingInput`.
 */
export { castParameter, castValue, NONE_MARKER } from './casting.ts';
export { parseLenientDate } from './dates/index.ts';
export {
  type CompiledExpression,
  createJinja,
  type Filter,
  type Jinja,
  type JinjaOptions,
  KeyLookup,
  keyLookup,
  keyLookups,
  type ReadKey,
  type Template,
  type Variables,
} from './jinja/index.ts';
export { parseJsonOrLiteral } from './json-or-literal.ts';
export { compileJsonPath, type JsonPath } from './jsonpath/index.ts';
export { MissingInput, type Wanted } from './missing-input.ts';
export {
  type ContextVariables,
  createEvaluator,
  type Evaluation,
  type Evaluator,
  type Language,
  languageOf,
  type Reference,
  type StackStormHost,
  type SyntaxProblem,
} from './orquesta/index.ts';
export {
  compare,
  contains,
  Dict,
  dictEntries,
  dictGet,
  dumpJson,
  equals,
  Float,
  float,
  isDict,
  Late,
  LateDict,
  onTime,
  PythonError,
  PythonFunction,
  PythonObject,
  parseJsonKeepingFloats,
  printable,
  repr,
  sequenceItems,
  str,
  Tuple,
  toDouble,
  toJson,
  truthy,
  tryIterate,
  typeName,
} from './python/index.ts';
export {
  compilePythonRegex,
  type PythonRegex,
  parsePythonRegex,
  type RegexFlags,
  type RegexMatch,
  type RegexNode,
} from './regex/index.ts';
