import { type Engine, type Preparation, prepareExecution } from '../executions/index.ts';
import { isFinal } from '../model/index.ts';
import type { createResources } from '../resources/index.ts';

/** The executions room as the resources room, which lies below it, is handed it. */
export function forResources(
  executions: Engine,
  prepare: () => Preparation,
): Parameters<typeof createResources>[0]['executions'] {
  return {
    async prepare(draft) {
      const preparation = prepare();
      // What handlers are given is data of the cluster.
      return await preparation.inputs.evaluate(() => prepareExecution(preparation, { ...draft, literal: true }));
    },
    announce: executions.announce,
    cancel: executions.cancel,
    onEnd: (listener) =>
      executions.onChange((change) => {
        if (change.type === 'updated' && isFinal(change.execution.status)) listener(change.execution);
      }),
  };
}
