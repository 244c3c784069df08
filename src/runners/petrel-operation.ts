import { type Json, type JsonObject, messageOf, PetrelError } from '../model/index.ts';
import type { Run, Runner } from './runner.ts';

/** Something that the running server does itself when an action asks for it. */
export type Operation = (parameters: JsonObject, call: OperationCall) => Promise<Json>;

export interface OperationCall {
  readonly execution: Run['execution'];
  readonly signal: AbortSignal;
  /** A line for the execution's output. */
  say(line: string): void;
  /** Stands beside the result as `output`: what StackStorm does by a workflow of this name has one, and its clients read it. */
  publish(output: JsonObject): void;
}

export interface OperationSettings {
  /** Absent: there is no server, as when packs are only read. */
  readonly findOperation?: (name: string) => Operation | undefined;
}

/**
 * What only the server itself can do: dispatch an event, install a pack, read an alias. The action's parameter `operation` names it and is
 * immutable there. The result has python-script's shape, as StackStorm's actions of these names have (stackstorm-packs.md, section 5.6).
 */
export function petrelOperation({ findOperation }: OperationSettings): Runner {
  return {
    name: 'petrel-operation',
    description: 'Lets the server do something itself.',
    parameters: {
      operation: { type: 'string', description: 'What is to be done.', required: true },
    },
    outputKey: 'result',
    async run(run) {
      let said = '';
      let output: JsonObject | undefined;
      const say = (line: string) => {
        said += `${line}\n`;
        run.output('stderr', `${line}\n`);
      };
      const publish = (given: JsonObject) => {
        output = given;
      };
      const document = (result: Json, exitCode: number) => ({
        result,
        stdout: '',
        stderr: said,
        exit_code: exitCode,
        ...(output && { output }),
      });
      const name = String(run.runnerParameters.operation);
      try {
        const operation = findOperation?.(name);
        if (operation === undefined) throw new PetrelError('invalid', `This Petrel has no operation "${name}".`);
        const { execution, signal } = run;
        const result = await operation(run.actionParameters, { execution, signal, say, publish });
        return { status: 'succeeded', result: document(result, 0) };
      } catch (error) {
        const status = run.signal.aborted ? 'canceled' : 'failed';
        say(messageOf(error));
        return { status, result: { ...document(null, 1), error: messageOf(error) } };
      }
    },
  };
}
