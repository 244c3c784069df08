import { createEvaluator } from '../../../src/expressions/index.ts';
import { PetrelError } from '../../../src/model/index.ts';
import { type Inspection, inspectDefinition } from '../../../src/workflows/orquesta/inspect/index.ts';
import { loadDefinition } from '../../../src/workflows/orquesta/load.ts';

export const evaluator = createEvaluator();

/** Loads and inspects a definition's text. */
export function inspect(text: string, known: readonly string[] = []): Inspection {
  return inspectDefinition(loadDefinition(text, 'wf.yaml').written, { known, evaluator });
}

/** The findings of a category, each as `place: message`. */
export function shown(text: string, category: keyof Inspection): string[] {
  return (inspect(text)[category] ?? []).map(({ spec_path, message }) => `${spec_path ?? '(all)'}: ${message}`);
}

/** What a computation is refused with. */
export function refusal(compute: () => unknown): PetrelError {
  try {
    compute();
  } catch (error) {
    if (error instanceof PetrelError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
}

/** A definition of tasks, and of whatever else. */
export const flow = (tasks: string, rest = '') => `version: 1.0\n${rest}\ntasks:\n${tasks.replace(/^/gm, '  ')}`;
