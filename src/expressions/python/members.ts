import type { Arguments } from './arguments.ts';
import { bitLength } from './arithmetic.ts';
import { dictMethod, listMethod, setMethod, tupleMethod } from './container-methods.ts';
import { exactFraction } from './conversion.ts';
import { Dict, isRecord } from './dict.ts';
import { typeError } from './errors.ts';
import { fromHex, hexOf } from './float-hex.ts';
import { formatText, plainAccess } from './format.ts';
import { checkArguments } from './method-arguments.ts';
import { asDouble, asInt, Float, float, integer } from './numbers.ts';
import { PythonFunction, PythonObject } from './object.ts';
import { PySet } from './set.ts';
import { textMethod } from './text-methods.ts';
import { Tuple } from './tuple.ts';
import { typeName } from './types.ts';

/**
 * What Python's `value.name` is: a method bound to the value, or an attribute. Undefined when there is none. Keys of dicts are not
 * attributes. No name that begins with `_` is ever found.
 */
export function member(value: unknown, name: string): unknown {
  if (value instanceof PythonObject) return name.startsWith('_') ? undefined : value.attribute(name);
  if (typeof value === 'string') return bound(value, name, formatMethod(name) ?? textMethod(name));
  if (Array.isArray(value)) return bound<unknown[]>(value, name, listMethod(name));
  if (value instanceof Dict || isRecord(value)) return bound(value, name, dictMethod(name));
  if (value instanceof Tuple) {
    const index = value.names?.indexOf(name) ?? -1;
    return index >= 0 ? value.items[index] : bound(value, name, tupleMethod(name));
  }
  if (value instanceof PySet) return bound(value, name, setMethod(name));
  return numberMember(value, name);
}

const ACCESS = plainAccess(member);

/** Here and not with the other methods of text: fields of a format may name attributes, which are members again. */
function formatMethod(name: string): ((self: string, given: Arguments) => unknown) | undefined {
  if (name === 'format') return (self, given) => formatText(self, given.positional, given.keywords, ACCESS);
  if (name !== 'format_map') return undefined;
  return (self, given) => formatText(self, [], given.positional[0], ACCESS);
}

function bound<Self>(
  self: Self,
  name: string,
  method: ((self: Self, given: Parameters<PythonFunction['call']>[0]) => unknown) | undefined,
): BuiltinMethod | undefined {
  if (method === undefined) return undefined;
  const type = typeName(self);
  return new BuiltinMethod(name, type, (given) => {
    checkArguments(type, name, given);
    return method(self, given);
  });
}

/** A method of a built-in type, bound to its value. */
export class BuiltinMethod extends PythonFunction {
  override readonly typeName = 'builtin_function_or_method';
  private readonly of: string;

  constructor(name: string, of: string, body: ConstructorParameters<typeof PythonFunction>[1]) {
    super(name, body);
    this.of = of;
  }

  override repr(): string {
    // Python prints where the object lies in memory; here it lies nowhere.
    return `<built-in method ${this.name} of ${this.of} object at 0x7f0000000000>`;
  }
}

function numberMember(value: unknown, name: string): unknown {
  const int = asInt(value);
  if (int !== undefined) {
    switch (name) {
      case 'real':
      case 'numerator':
        return int;
      case 'imag':
        return 0;
      case 'denominator':
        return 1;
      case 'conjugate':
        return method(value, name, () => int);
      case 'bit_length':
        return method(value, name, () => bitLength(BigInt(int)));
      case 'bit_count':
        return method(value, name, () => BigInt(int).toString(2).split('1').length - 1);
      case 'as_integer_ratio':
        return method(value, name, () => new Tuple([int, 1]));
      default:
        return undefined;
    }
  }
  if (typeof value !== 'number' && !(value instanceof Float)) return undefined;
  const double = asDouble(value) ?? Number.NaN;
  switch (name) {
    case 'real':
      return value;
    case 'imag':
      return float(0);
    case 'conjugate':
      return method(value, name, () => value);
    case 'hex':
      return method(value, name, () => hexOf(double));
    case 'fromhex':
      return new BuiltinMethod(name, 'type', (given) => {
        const [text] = given.positional;
        if (typeof text !== 'string') throw typeError('bad argument type for built-in operation');
        return float(fromHex(text));
      });
    case 'is_integer':
      return method(value, name, () => Number.isInteger(double));
    case 'as_integer_ratio':
      return method(value, name, () => {
        const [numerator, exponent] = exactFraction(Math.abs(double));
        return new Tuple([integer(double < 0 ? -numerator : numerator), integer(1n << BigInt(exponent))]);
      });
    default:
      return undefined;
  }
}

function method(value: unknown, name: string, compute: () => unknown): BuiltinMethod {
  return new BuiltinMethod(name, typeName(value), (given) => {
    if (given.keywords !== undefined) throw typeError(`${typeName(value)}.${name}() takes no keyword arguments`);
    if (given.positional.length > 0) {
      throw typeError(`${typeName(value)}.${name}() takes no arguments (${given.positional.length} given)`);
    }
    return compute();
  });
}
