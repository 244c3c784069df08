import type { Definition, TaskDefinition } from './definition.ts';
import { type Edge, graphOf } from './graph.ts';

/** A definition as a Mermaid flowchart: tasks, what leads where and when, joins and items marked. */
export function mermaid(definition: Definition): string {
  const { roots, nodes } = graphOf(definition);
  const ids = new Map([...nodes.keys()].map((name, index) => [name, `n${index}`]));
  const lines = ['flowchart TD'];
  for (const name of nodes.keys()) lines.push(`  ${ids.get(name)}${shape(name, definition.tasks.get(name))}`);
  lines.push('  start(( ))', ...roots.map((name) => `  start --> ${ids.get(name)}`));
  for (const { outgoing } of nodes.values()) {
    for (const edge of outgoing) lines.push(`  ${ids.get(edge.from)} -->${label(edge)} ${ids.get(edge.to)}`);
  }
  return lines.join('\n');
}

function shape(name: string, task: TaskDefinition | undefined): string {
  if (task === undefined) return `([${quoted(name)}])`;
  const notes = [
    task.action,
    task.with === undefined ? undefined : `for each ${task.with.items}`,
    task.join === undefined ? undefined : `join ${task.join}`,
    task.retry === undefined ? undefined : 'retries',
  ].filter((note) => note !== undefined);
  const text = quoted([name, ...notes].join('<br/>'));
  return task.join === undefined ? `[${text}]` : `{{${text}}}`;
}

function label({ when }: Edge): string {
  return when === undefined ? '' : `|${quoted(when)}|`;
}

/** Text in which Mermaid sees no signs of its own. */
function quoted(text: string): string {
  const safe = text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<br/>', '\u0000')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\u0000', '<br/>')
    .replaceAll('\n', ' ');
  return `"${safe}"`;
}
