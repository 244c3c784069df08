/**
 * Python's values underneath both expression languages, as pure functions over JavaScript values.
 *
 * | Python | here |
 * | --- | --- |
 * | None, bool, str | null, boolean, string (characters are code points) |
 * | int | number that is a safe integer, bigint beyond |
 * | float | any other number; `Float` when the value is a safe integer (`1.0`) |
 * | list | array |
 * | dict | `Dict` (any keys, insertion order), or a plain object from outside, read as it is |
 * | tuple, set | `Tuple`, `PySet` |
 * | anything else | a subclass of `PythonObject` |
 *
 * JSON data needs no conversion. Plain objects are read by their own keys only, so nothing of JavaScript (`constructor`,
 * `__proto__`) is reachable; expressions never change data that came from outside (see `fromJson`). JavaScript's objects put keys
 * that look like integers first: who needs their order reads the text with `parseJsonKeepingFloats`.
 *
 * Not here: the syntax of either language, undefined values, functions and filters, regular expressions.
 */
export { type Arguments, bind, NO_ARGUMENTS } from './arguments.ts';
export {
  add,
  bitLength,
  divide,
  floorDivide,
  mergeDicts,
  modulo,
  multiply,
  negate,
  positive,
  power,
  subtract,
  unsupported,
} from './arithmetic.ts';
export { capitalize, swapCase, title } from './casing.ts';
export { isLower, isUpper, splitLines } from './character-classes.ts';
export { isMutator, pairsOf, sorted } from './container-methods.ts';
export { asciiDigits, round, roundDouble, toDouble, toFloat, toInt, toIntWithBase } from './conversion.ts';
export { fromJson, type JsonValue, printable, setOwn, toJson } from './data.ts';
export { PythonDate } from './dates.ts';
export { Dict, dictEntries, dictGet, dictKeys, dictSize, isDict, isRecord, type JsonRecord } from './dict.ts';
export { compare, compareText, equals, ordered, truthy } from './equality.ts';
export { PythonError, typeError, valueError } from './errors.ts';
export { type FieldAccess, formatText } from './format.ts';
export { fixed, formatString, formatValue } from './format-spec.ts';
export { type HashKey, hashKey, hashParts } from './hash.ts';
export { getItem, Slice, sliceBounds } from './indexing.ts';
export { contains, isIterable, iterate, length, toList, tryIterate, tryLength } from './iteration.ts';
export { parseJsonKeepingFloats } from './json-read.ts';
export { type DumpOptions, dumpJson, dumpOptions, jsonText } from './json-write.ts';
export { Late, LateDict, onTime } from './late-dict.ts';
export { chargeAllowance, checkItems, checkText, LIMITS, underAllowance, Visit } from './limits.ts';
export { literalEval, unescapePython } from './literal.ts';
export { BuiltinMethod, member } from './members.ts';
export { asDouble, asIndex, asInt, Float, float, floatRepr, integer, isFloat, isInt, isNumber } from './numbers.ts';
export { PythonFunction, PythonObject } from './object.ts';
export { percentFormat } from './percent.ts';
export { Range } from './range.ts';
export { PySet } from './set.ts';
export { characters, hasWide, repr, str, textLength, textRepr } from './text.ts';
export { replaceText } from './text-methods.ts';
export { sequenceItems, Tuple } from './tuple.ts';
export { typeName } from './types.ts';
export { DictView, PythonIterator } from './views.ts';
export { isSpace, splitOnSpace, strip } from './white-space.ts';
export { loadYaml } from './yaml-read.ts';
export { dumpYaml, type YamlOptions } from './yaml-write.ts';
