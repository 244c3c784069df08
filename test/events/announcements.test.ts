import { expect, it } from 'vitest';
import { createAnnouncements } from '../../src/events/index.ts';
import { createMemorySystem } from '../sensors/support.ts';

it('An announcement is an event with its route, what was said and the trace of its execution', async () => {
  const { events, accepted } = createMemorySystem();
  const context = { trace_context: { trace_tag: 'release-7' } };
  const getExecution = async () =>
    ({ id: '1', context }) as unknown as Awaited<ReturnType<Parameters<typeof createAnnouncements>[1]['getExecution']>>; // nothing else is read
  await createAnnouncements(events, { getExecution }).announce({
    executionId: '1',
    route: 'chatops',
    payload: { message: 'hello' },
  });
  expect(accepted).toEqual([
    {
      trigger: 'core.st2.announcement',
      parameters: {},
      payload: { route: 'chatops', payload: { message: 'hello' }, trace_context: { trace_tag: 'release-7' } },
      traceContext: { id_: '1' },
      causedBy: '1',
    },
  ]);
});
