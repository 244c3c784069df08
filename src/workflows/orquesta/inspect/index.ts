/**
 * Inspection: what is wrong with a definition before it runs, in Orquesta's categories, words and order (orquesta.md, section 11).
 * Nothing is evaluated, and unknown functions and filters are not looked for. What the registry must say is apart: contents.ts.
 */
import { type Evaluator, PythonError } from '../../../expressions/index.ts';
import { PetrelError } from '../../../model/index.ts';
import { type Call, callsOf } from './contents.ts';
import { inspectContext } from './context.ts';
import { type ExpressionFinding, type Finding, sorted } from './entry.ts';
import { inspectExpressions } from './expressions.ts';
import { inspectSemantics } from './semantics.ts';
import { specOf } from './spec.ts';
import { Steps } from './steps.ts';
import { inspectSyntax } from './syntax.ts';

export { type Call, inspectContents } from './contents.ts';
export type { ExpressionFinding, Finding } from './entry.ts';

/** Only the categories that have findings. */
export interface Inspection {
  readonly syntax?: readonly Finding[];
  readonly semantics?: readonly Finding[];
  readonly expressions?: readonly ExpressionFinding[];
  readonly context?: readonly ExpressionFinding[];
}

export interface InspectionOptions {
  /** Names of variables that are there from the start, `st2` and `parent` for example. Default: none. */
  readonly known?: readonly string[];
  readonly evaluator: Evaluator;
}

/**
 * Inspects a definition, a value of src/expressions; plain JSON is one, but in it `1.0` is the integer 1. An empty answer means
 * that it is valid. Throws `PetrelError` (`invalid`, `details.path` names the place) for shapes that Orquesta breaks on.
 */
export function inspectDefinition(raw: unknown, { known = [], evaluator }: InspectionOptions): Inspection {
  try {
    return inspect(raw, known, evaluator);
  } catch (error) {
    // The first is a stack that is full, the second a limit of src/expressions.
    if (!(error instanceof RangeError || error instanceof PythonError)) throw error;
    throw new PetrelError('invalid', 'The definition is nested too deeply to be inspected.', { cause: error });
  }
}

/** The calls of actions that the registry can be asked about. Throws as `inspectDefinition`. */
export function callsIn(raw: unknown): Call[] {
  return callsOf(specOf(raw));
}

function inspect(raw: unknown, known: readonly string[], evaluator: Evaluator): Inspection {
  const spec = specOf(raw);
  const steps = new Steps(spec);
  const categories = {
    syntax: sorted(inspectSyntax(spec)),
    semantics: sorted(inspectSemantics(spec, steps)),
    expressions: sorted(inspectExpressions(spec, evaluator)),
    context: sorted(inspectContext(spec, steps, { known, evaluator })),
  };
  return Object.fromEntries(Object.entries(categories).filter(([, findings]) => findings.length > 0));
}
