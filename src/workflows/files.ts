import { createEvaluator } from '../expressions/index.ts';
import { isJsonObject, PetrelError } from '../model/index.ts';
import { parseSource } from '../packs/index.ts';
import { type Chain, chainOf, startOf } from './action-chain/definition.ts';
import { parseChain } from './action-chain/parse.ts';
import {
  definitionOf,
  type Flattened,
  flattened,
  inspectDefinition,
  KNOWN_VARIABLES,
  loadDefinition,
  mermaid,
} from './orquesta/index.ts';

/** What is wrong with a workflow's file, and where. Line and column count from 1. */
export interface Complaint extends Flattened {
  readonly line: number;
  readonly column: number;
}

/** The runner type of a workflow's file: an action-chain has a `chain`. */
export function languageOfWorkflow(text: string, file: string): 'action-chain' | 'orquesta' {
  const { value } = parseSource(text, { file, pack: '' });
  return isJsonObject(value) && 'chain' in value ? 'action-chain' : 'orquesta';
}

/** Everything that is wrong with a workflow's file. Nothing is evaluated, and whether its actions exist is not looked for. */
export function inspectWorkflow(text: string, file: string): Complaint[] {
  try {
    if (languageOfWorkflow(text, file) === 'action-chain') {
      parseChain(text, file);
      return [];
    }
    const { written, place } = loadDefinition(text, file);
    const inspection = inspectDefinition(written, { known: KNOWN_VARIABLES, evaluator: createEvaluator() });
    return flattened(inspection).map((finding) => ({ ...finding, ...place(finding.spec_path) }));
  } catch (error) {
    if (!(error instanceof PetrelError)) throw error;
    const { line, column } = error.details;
    return [
      {
        type: 'syntax',
        message: error.message,
        spec_path: null,
        schema_path: null,
        line: typeof line === 'number' ? line : 1,
        column: typeof column === 'number' ? column : 1,
      },
    ];
  }
}

/** A workflow's file as a Mermaid flowchart. Throws `PetrelError` (`invalid`) for a file that cannot be run. */
export function graphOf(text: string, file: string): string {
  if (languageOfWorkflow(text, file) === 'action-chain') return chainChart(chainOf(parseChain(text, file)));
  return mermaid(definitionOf(loadDefinition(text, file).written));
}

function chainChart(chain: Chain): string {
  const ids = new Map(chain.tasks.map(({ name }, index) => [name, `n${index}`]));
  const lines = ['flowchart TD'];
  for (const { name, ref } of chain.tasks) lines.push(`  ${ids.get(name)}["${name}<br/>${ref}"]`);
  for (const task of chain.tasks) {
    const from = ids.get(task.name);
    if (ids.has(task.on_success)) lines.push(`  ${from} -->|on-success| ${ids.get(task.on_success)}`);
    if (ids.has(task.on_failure)) lines.push(`  ${from} -->|on-failure| ${ids.get(task.on_failure)}`);
  }
  const first = ids.get(startOf(chain) ?? null);
  return [...lines, '  start(( ))', ...(first === undefined ? [] : [`  start --> ${first}`])].join('\n');
}
