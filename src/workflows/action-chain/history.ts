import type { JsonObject } from '../../model/index.ts';
import type { ChainEvent } from './state.ts';

/** A journal for people: a line for each event. It names what was published, but no values. */
export function history(events: readonly ChainEvent[]): string[] {
  const tasks = new Map<string, string>();
  return events.map((event) => {
    if (event.type === 'requested') tasks.set(event.execution_id, event.task);
    return line(event, tasks);
  });
}

function line(event: ChainEvent, tasks: ReadonlyMap<string, string>): string {
  switch (event.type) {
    case 'started':
      return 'starts';
    case 'requested':
      return event.undoes === true ? `requests the compensation of ${event.task}` : `requests ${event.task}`;
    case 'rolls_back':
      return `rolls back ${event.steps.map(({ task }) => task).join(', ')}`;
    case 'undone':
      return event.error === undefined ? 'compensation succeeded' : `compensation failed: ${event.error}`;
    case 'ended':
      return `${event.task} ${event.status}${publishes(event.published)}`;
    case 'refused':
      return `${event.task} refused: ${event.error}`;
    case 'changed':
      return `${tasks.get(event.execution_id)} ${event.status}${publishes(event.published ?? {})}`;
    case 'asked':
      return `asked to ${event.wish}`;
    case 'paused':
      return 'workflow paused';
    case 'resumed':
      return 'workflow running';
    case 'finished':
      return `workflow ${event.status}${event.error === undefined ? '' : `: ${event.error}`}`;
  }
}

function publishes(published: JsonObject): string {
  const names = Object.keys(published);
  return names.length > 0 ? `; publishes ${names.join(', ')}` : '';
}
