import { createEvaluator } from '../expressions/index.ts';
import { isJsonObject, type ParameterSchemas, PetrelError } from '../model/index.ts';
import { parseSource } from '../packs/index.ts';
import { type Chain, chainOf, startOf } from './action-chain/definition.ts';
import { parseChain } from './action-chain/parse.ts';
import {
  callsIn,
  definitionOf,
  type Finding,
  type Flattened,
  flattened,
  inspectContents,
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

/** What a registry knows of actions. */
export interface KnownActions {
  /** Undefined when it knows none of that reference. */
  parameters(ref: string): ParameterSchemas | undefined;
  /** Whether there may be one all the same, which only somebody else could tell. */
  mayExist(ref: string): boolean;
}

/** Everything that is wrong with a workflow's file; what it asks of actions is looked at with `actions` only. Nothing is evaluated. */
export function inspectWorkflow(text: string, file: string, actions?: KnownActions): Complaint[] {
  try {
    if (languageOfWorkflow(text, file) === 'action-chain') {
      parseChain(text, file);
      return [];
    }
    const { written, place } = loadDefinition(text, file);
    const inspection = inspectDefinition(written, { known: KNOWN_VARIABLES, evaluator: createEvaluator() });
    return flattened(inspection, actions && contentsOf(written, actions)).map((finding) => ({
      ...finding,
      ...place(finding.spec_path),
    }));
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

function contentsOf(written: unknown, actions: KnownActions): readonly Finding[] {
  const calls = callsIn(written).filter(
    ({ action }) => actions.parameters(action) !== undefined || !actions.mayExist(action),
  );
  return inspectContents(calls, (ref) => actions.parameters(ref));
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
