import { str, typeName } from '../../expressions/index.ts';
import { isJsonObject, type Json, type JsonObject, PetrelError } from '../../model/index.ts';
import { parseSource, type Source } from '../../packs/index.ts';
import { type Chain, type ChainTask, chainDocument, compensateOf, findTask, startOf } from './definition.ts';
import { compensateMisfit, misfitOf } from './schema.ts';

type Path = readonly (string | number)[];

/**
 * Reads a chain file (YAML, or JSON by its extension) and makes the checks of action-chain.md, section 2, in that order
 * and in those words. Throws `PetrelError` (`invalid`) whose details hold `file`, `line` and `column`.
 * One check is left to the start of the run, which knows the action's name: that there is a task to begin with.
 */
export function parseChain(text: string, file: string): JsonObject {
  const source = parseSource(text, { file, pack: '' });
  const [problem] = source.problems.filter(({ severity }) => severity === 'error');
  if (problem !== undefined) {
    const { line, column } = problem;
    throw unparsable(file, `line ${line}, column ${column}: ${problem.message}`, { line, column });
  }
  const document = source.value ?? null;
  if (!isJsonObject(document)) {
    throw unparsable(file, `Expected "dict", got "${typeName(document)}"`, { line: 1, column: 1 });
  }
  const misfit = misfitOf(document);
  if (misfit !== undefined) throw wrong(source, misfit.message, misfit.path);
  const chain = chainFrom(document, source);
  checkLinks(chain, source);
  return chainDocument(chain);
}

function chainFrom(document: JsonObject, source: Source): Chain {
  const tasks: readonly Json[] = Array.isArray(document.chain) ? document.chain : [];
  return {
    vars: isJsonObject(document.vars) ? document.vars : {},
    default: linkOf(document.default),
    tasks: tasks.map((task, index) => taskFrom(task, ['chain', index], source)),
    rollback: document.rollback === true,
  };
}

function taskFrom(task: Json, path: Path, source: Source): ChainTask {
  if (!isJsonObject(task)) throw wrong(source, `${typeName(task)} is not of type 'object'`, path);
  const mapping = (key: string): JsonObject => {
    const value = task[key] ?? null;
    if (value === null) return {};
    if (isJsonObject(value)) return value;
    throw wrong(source, `"${key}" must be a mapping, but it is of type ${typeName(value)}.`, [...path, key]);
  };
  checkCompensate(task, path, source);
  const params = mapping('params');
  const parameters = mapping('parameters');
  if (Object.keys(params).length > 0 && Object.keys(parameters).length > 0) {
    const message = 'Either "params" or "parameters" attribute needs to be provided, but not both';
    throw wrong(source, message, [...path, 'params']);
  }
  return {
    name: textOrNull(task.name),
    ref: textOrNull(task.ref),
    params,
    parameters,
    on_success: linkOf(task['on-success']),
    on_failure: linkOf(task['on-failure']),
    publish: mapping('publish'),
    notify: isJsonObject(task.notify) ? task.notify : null,
    ...compensateOf(task),
  };
}

/** Of every task, not of the first alone: nobody relies on mistakes in it. */
function checkCompensate({ compensate = null }: JsonObject, path: Path, source: Source): void {
  if (compensate === null) return;
  const misfit = compensateMisfit(compensate, [...path, 'compensate']);
  if (misfit !== undefined) throw wrong(source, misfit.message, misfit.path);
}

/** A chain without a task to begin with fails at its start, whatever else is wrong with it. */
function checkLinks(chain: Chain, source: Source): void {
  if (startOf(chain) === undefined) return;
  const isMissing = (target: string) =>
    target !== '' && !target.includes('{{') && !target.includes('{%') && findTask(chain, target) === undefined;
  for (const [index, task] of chain.tasks.entries()) {
    for (const [key, target] of [
      ['on-success', task.on_success],
      ['on-failure', task.on_failure],
    ] as const) {
      if (!isMissing(target)) continue;
      const message = `Unable to find node with name "${target}" referenced in "${key}" in task "${task.name ?? 'None'}".`;
      throw wrong(source, message, ['chain', index, key]);
    }
  }
  if (chain.default !== '' && findTask(chain, chain.default) === undefined) {
    throw wrong(source, `Unable to find node with name "${chain.default}" referenced in "default".`, ['default']);
  }
}

function linkOf(value: Json | undefined): string {
  return value === undefined || value === null ? '' : str(value);
}

function textOrNull(value: Json | undefined): string | null {
  return value === undefined || value === null ? null : str(value);
}

function wrong(source: Source, message: string, path: Path): PetrelError {
  return new PetrelError('invalid', message, { details: { file: source.file, ...source.place(path) } });
}

function unparsable(file: string, why: string, place: { line: number; column: number }): PetrelError {
  const message = `Failed to parse action chain definition from "${file}": ${why}`;
  return new PetrelError('invalid', message, { details: { file, ...place } });
}
