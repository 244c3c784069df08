import { createEvaluator } from '../../src/expressions/index.ts';
import { PetrelError } from '../../src/model/index.ts';
import { type Inspection, inspectDefinition } from '../../src/workflows/orquesta/inspect/index.ts';
import { loadDefinition } from '../../src/workflows/orquesta/load.ts';
import { type Kind, plainKind, same, thrownBy } from './check.ts';

interface Vector {
  readonly name: string;
  readonly definition: string;
  readonly app_ctx?: Record<string, unknown>;
  readonly expected: { readonly result?: Inspection; readonly raises?: { readonly stage: string } };
}

/** As the cases were recorded: Orquesta alone. */
const evaluator = createEvaluator({ stackstorm: false });

/** What Petrel's inspection answers for a definition's text. */
export function inspectionOf(definition: string, known: readonly string[] = []): Inspection {
  return inspectDefinition(loadDefinition(definition, '<vector>').written, { known, evaluator });
}

/** Throws when two inspections differ. Among entries of equal paths the order is free (workflows/README.md). */
export function sameInspection(actual: Inspection, expected: Inspection): void {
  same(withTiesInOrder(actual), withTiesInOrder(expected));
}

function withTiesInOrder(inspection: Inspection): unknown {
  return Object.fromEntries(
    Object.entries(inspection).map(([category, findings]) => {
      const ranked = (findings as readonly Record<string, unknown>[]).map((finding) => ({
        finding,
        place: JSON.stringify([finding.schema_path, finding.spec_path]),
        rest: JSON.stringify([finding.message, finding.expression, finding.type]),
      }));
      // Only neighbours of the same place change theirs, so that an order that is wrong otherwise is seen.
      const groups: (typeof ranked)[] = [];
      for (const one of ranked) {
        if (groups.at(-1)?.[0]?.place === one.place) groups.at(-1)?.push(one);
        else groups.push([one]);
      }
      const inOrder = groups.flatMap((group) => group.sort((left, right) => (left.rest < right.rest ? -1 : 1)));
      return [category, inOrder.map(({ finding }) => finding)];
    }),
  );
}

/** A definition is inspected as recorded, or refused where the reference breaks. */
export const inspection: Kind = plainKind<Vector>(({ definition, app_ctx = {}, expected }) => {
  const known = Object.keys(app_ctx);
  if (expected.raises === undefined) {
    sameInspection(inspectionOf(definition, known), expected.result ?? {});
    return;
  }
  const error = thrownBy(() => inspectionOf(definition, known));
  if (!(error instanceof PetrelError)) throw new Error('The definition should be refused.', { cause: error });
  same(error.code, 'invalid');
});
