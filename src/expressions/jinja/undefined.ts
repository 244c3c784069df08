import { PythonError, PythonObject, repr, str, textRepr, typeName } from '../python/index.ts';

/** Where a value was looked for and not found. */
export interface Origin {
  /** A full message, where the usual ones do not say it. */
  readonly hint?: string;
  /** What was looked into; absent for a variable. */
  readonly of?: { readonly value: unknown };
  readonly name?: unknown;
  /** Kind of the error that using it raises. */
  readonly kind?: string;
}

/** Where Jinja's own types are defined: messages name them in full. */
const MODULES: Readonly<Record<string, string>> = {
  Markup: 'markupsafe',
  Cycler: 'jinja2.utils',
  Joiner: 'jinja2.utils',
  Namespace: 'jinja2.utils',
  BlockReference: 'jinja2.runtime',
  LoopContext: 'jinja2.runtime',
  Macro: 'jinja2.runtime',
  TemplateReference: 'jinja2.runtime',
};

function kindOf(value: unknown): string {
  if (value === null) return 'None';
  const type = typeName(value);
  const module = Object.hasOwn(MODULES, type) ? `${MODULES[type]}.` : '';
  return `${module}${type} object`;
}

/**
 * Jinja's undefined value. It may be passed around and asked `is defined`; using it fails. The lenient form prints as empty text,
 * is false and has no items.
 */
export class Undefined extends PythonObject {
  readonly typeName: string;
  readonly origin: Origin;
  readonly isStrict: boolean;

  constructor(origin: Origin, strict: boolean) {
    super();
    this.origin = origin;
    this.isStrict = strict;
    this.typeName = strict ? 'StrictUndefined' : 'Undefined';
  }

  get message(): string {
    const { hint, of, name } = this.origin;
    if (hint !== undefined) return hint;
    if (of === undefined) return `${textRepr(str(name))} is undefined`;
    const kind = kindOf(of.value);
    return typeof name === 'string'
      ? `'${kind}' has no attribute ${textRepr(name)}`
      : `${kind} has no element ${repr(name)}`;
  }

  fail(): UndefinedError {
    return new UndefinedError(this.origin, this.message);
  }

  private lenient<T>(value: T): T {
    if (this.isStrict) throw this.fail();
    return value;
  }

  override str(): string {
    return this.lenient('');
  }

  override repr(): string {
    return 'Undefined';
  }

  override truth(): boolean {
    return this.lenient(false);
  }

  override length(): number {
    return this.lenient(0);
  }

  override iterate(): Iterator<unknown> {
    return this.lenient([][Symbol.iterator]());
  }

  override attribute(): unknown {
    throw this.fail();
  }

  override item(): unknown {
    throw this.fail();
  }

  override contains(): boolean {
    return this.lenient(false);
  }

  override equals(other: unknown): boolean {
    return this.lenient(other instanceof Undefined);
  }

  override number(): unknown {
    throw this.fail();
  }

  override compare(): number {
    throw this.fail();
  }

  override hash(): string {
    return this.lenient('');
  }

  override call(): unknown {
    throw this.fail();
  }
}

/** The error of using an undefined value; knows where the value was looked for. */
export class UndefinedError extends PythonError {
  readonly origin: Origin;

  constructor(origin: Origin, message: string) {
    super(origin.kind ?? 'UndefinedError', message);
    this.origin = origin;
  }
}
