import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';
import type { Child, OrquestaEvent } from './live.ts';

/** A journal for people: a line for each event. It names what was published, but no values. */
export function history(events: readonly OrquestaEvent[]): string[] {
  const entered: string[] = [];
  return events.map((event) => {
    if (event.type === 'started') return 'starts';
    const requested = event.requested.map(nameOf);
    const said = [happened(event.input)];
    for (const change of event.changes) {
      if (change.do === 'enter') entered.push(nameOf(change as unknown as Child & { id: string }));
      said.push(changed(change, entered));
    }
    const news = [...new Set(said)].filter(
      (text) => text !== '' && !requested.some((name) => text === `${name} running`),
    );
    return [...news, ...(requested.length > 0 ? [`requests ${requested.join(', ')}`] : [])].join('; ') || 'nothing new';
  });
}

function nameOf({ task, id, route, item }: Partial<Child> & { readonly id?: string }): string {
  return `${task ?? id}${item === undefined ? '' : `[${item}]`}${route ? ` on route ${route}` : ''}`;
}

function happened(input: JsonObject): string {
  switch (input.type) {
    case 'start':
      return '';
    case 'refused':
      return `${text(input.task)} refused: ${text(input.error)}`;
    case 'stopped':
    case 'resumed':
      return `${text(input.task)} ${text(input.status ?? input.type)}`;
    case 'ended':
      return '';
    default:
      return `asked to ${text(input.type)}`;
  }
}

/** What a change (see changes.ts) says to people; empty where it is book-keeping. */
function changed(change: JsonObject, entered: readonly string[]): string {
  switch (change.do) {
    case 'status':
      return `workflow ${text(change.status)}`;
    case 'task-status':
      return `${entered[Number(change.entry)]} ${text(change.status)}`;
    case 'item':
      return typeof change.status === 'string' ? `${nameOf(change as unknown as Child)} ${change.status}` : '';
    case 'context':
      return typeof change.base === 'number' && isJsonObject(change.variables)
        ? `publishes ${Object.keys(change.variables).join(', ')}`
        : '';
    case 'error':
      // That a task failed is said by its status.
      return isJsonObject(change.error) && change.error.result === undefined ? text(change.error.message) : '';
    case 'rerun':
      return Array.isArray(change.entries)
        ? `runs again ${change.entries.map((entry: Json) => entered[Number(entry)]).join(', ')}`
        : '';
    case 'rollback':
      return Array.isArray(change.steps)
        ? `rolls back ${change.steps.map((step: Json) => nameOf(step as unknown as Child)).join(', ')}`
        : '';
    case 'undone':
      return typeof change.error === 'string' ? `compensation failed: ${change.error}` : 'compensation succeeded';
    default:
      return '';
  }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
