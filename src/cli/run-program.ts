import { CommanderError } from 'commander';
import { PetrelError } from '../model/index.ts';
import { reportError } from './output.ts';
import { createProgram } from './program.ts';

/** Runs one command. Answers its exit code; that of one that goes on, such as `start`, is 0 for now. */
export async function runProgram(words: readonly string[]): Promise<number> {
  const isForMachine = words.some((word) => word === '--json' || word === '-j');
  process.exitCode = 0;
  try {
    await createProgram().parseAsync(longForms(words), { from: 'user' });
    return Number(process.exitCode);
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, isForMachine);
    if (error.exitCode === 0) return 0; // help, or the version
    // Help that was not asked for has been printed in place of an error: a noun alone.
    return error.code === 'commander.help' ? 2 : reportError(wrongUse(error), isForMachine);
  }
}

/** What was wrong with the words, as any other error is told. */
function wrongUse({ message }: CommanderError): PetrelError {
  const said = message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new PetrelError('invalid', `${said}${/[.?)]$/.test(said) ? '' : '.'} Add --help for what there is.`);
}

/** Options of st2's lists that have two letters behind one dash. */
const LONG_FORMS: Readonly<Record<string, string>> = {
  '-tg': '--timestamp-gt',
  '-gt': '--timestamp-gt',
  '-tl': '--timestamp-lt',
  '-lt': '--timestamp-lt',
  '-pt': '--policy-type',
  '-ty': '--timer-type',
};

function longForms(words: readonly string[]): string[] {
  return words.includes('list') ? words.map((word) => LONG_FORMS[word] ?? word) : [...words];
}
