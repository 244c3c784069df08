import type { Context } from './context.ts';
import type { Parameter } from './parameters.ts';

/** One function of the language. Several may share a name; their parameters decide. */
export interface Definition {
  readonly name: string;
  readonly asFunction: boolean;
  readonly asMethod: boolean;
  readonly parameters: readonly Parameter<unknown>[];
  /** What further positional arguments must be. */
  readonly rest: Parameter<unknown> | undefined;
  /** What keyword arguments that are no parameters must be; undefined: there must be none. */
  readonly keywords: Parameter<unknown> | undefined;
  /** Pairs are arguments like any other, not keyword arguments. */
  readonly takesRules: boolean;
  /** `given`: the parameters, in order, then the further ones. */
  run(context: Context, given: readonly unknown[], keywords: ReadonlyMap<string, unknown>): unknown;
}

/** How a function may be called: `f(x)`, `x.f()`, both. */
export type Form = 'function' | 'method' | 'both';

type Values<P extends readonly Parameter<unknown>[]> = {
  -readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

interface Options {
  readonly takesRules?: boolean;
}

function definition(
  name: string,
  form: Form,
  parts: Pick<Definition, 'parameters' | 'rest' | 'keywords' | 'run'>,
  options: Options,
): Definition {
  return {
    name,
    asFunction: form !== 'method',
    asMethod: form !== 'function',
    takesRules: options.takesRules === true,
    ...parts,
  };
}

/** A function of a fixed number of parameters. `context` is a child of the caller's. */
export function define<const P extends readonly Parameter<unknown>[]>(
  name: string,
  form: Form,
  parameters: P,
  body: (context: Context, ...given: Values<P>) => unknown,
  options: Options = {},
): Definition {
  return definition(
    name,
    form,
    {
      parameters,
      rest: undefined,
      keywords: undefined,
      // The arguments were converted by these very parameters.
      run: (context, given) => body(context, ...(given as Values<P>)),
    },
    options,
  );
}

/** A function of further arguments of one kind. */
export function defineRest<const P extends readonly Parameter<unknown>[], R>(
  name: string,
  form: Form,
  parameters: P,
  rest: Parameter<R>,
  body: (context: Context, given: Values<P>, rest: R[], keywords: ReadonlyMap<string, unknown>) => unknown,
  options: Options & { readonly keywords?: Parameter<unknown> } = {},
): Definition {
  const fixed = parameters.length;
  return definition(
    name,
    form,
    {
      parameters,
      rest,
      keywords: options.keywords,
      run: (context, given, keywords) =>
        // As above, for both parts.
        body(context, given.slice(0, fixed) as Values<P>, given.slice(fixed) as R[], keywords),
    },
    options,
  );
}

/** The same function under another name. */
export function renamed(original: Definition, name: string, form?: Form): Definition {
  if (form === undefined) return { ...original, name };
  return { ...original, name, asFunction: form !== 'method', asMethod: form !== 'function' };
}
