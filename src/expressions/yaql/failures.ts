import { PythonError, str } from '../python/index.ts';

/** No receiver: the call is one of a function. (null is a receiver.) */
export const NO_RECEIVER = Symbol('no receiver');

/** An error of calling by name; `name` and `receiver` serve hints. */
export class ResolutionError extends PythonError {
  readonly calledName: string;
  readonly unknown: 'function' | 'method' | undefined;

  constructor(kind: string, message: string, calledName: string, unknown?: 'function' | 'method') {
    super(kind, message);
    this.calledName = calledName;
    this.unknown = unknown;
  }
}

export function unknownName(name: string, receiver: unknown): ResolutionError {
  if (receiver === NO_RECEIVER) {
    return new ResolutionError('NoFunctionRegisteredException', `Unknown function "${name}"`, name, 'function');
  }
  const message = `Unknown method "${name}" for receiver ${str(receiver)}`;
  return new ResolutionError('NoMethodRegisteredException', message, name, 'method');
}

export function noMatch(name: string, receiver: unknown): ResolutionError {
  if (receiver === NO_RECEIVER) {
    const message = `No function "${name}" matches supplied arguments`;
    return new ResolutionError('NoMatchingFunctionException', message, name);
  }
  const message = `No method "${name}" for receiver ${str(receiver)} matches supplied arguments`;
  return new ResolutionError('NoMatchingMethodException', message, name);
}

export function ambiguous(name: string, receiver: unknown): ResolutionError {
  if (receiver === NO_RECEIVER) {
    return new ResolutionError('AmbiguousFunctionException', `Ambiguous function "${name}"`, name);
  }
  const message = `Ambiguous method "${name}" for receiver ${str(receiver)}`;
  return new ResolutionError('AmbiguousMethodException', message, name);
}

export function badPair(): PythonError {
  return new PythonError('MappingTranslationException', 'Cannot convert mapping to keyword argument');
}
