import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { PetrelError } from '../model/index.ts';

/** Asks for secrets without showing what is typed; without a terminal they are lines of standard input. */
export async function askSecrets(...questions: readonly string[]): Promise<string[]> {
  if (process.stdin.isTTY !== true) {
    const lines = (await text(process.stdin)).split(/\r?\n/);
    const missing = questions.findIndex((_, index) => (lines[index] ?? '') === '');
    if (missing >= 0) {
      throw new PetrelError('invalid', `Standard input has no line for: ${questions[missing]}.`);
    }
    return questions.map((_, index) => lines[index] ?? '');
  }
  let hidden = false;
  const output = new Writable({
    write(chunk, _, done) {
      if (!hidden) process.stderr.write(chunk);
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  const answers: string[] = [];
  try {
    for (const question of questions) {
      const answer = terminal.question(`${question}: `);
      // The question has been written by now; what is typed is not.
      hidden = true;
      answers.push(await answer);
      hidden = false;
      process.stderr.write('\n');
    }
  } finally {
    terminal.close();
  }
  return answers;
}

/** Twice on a terminal, where a slip of the finger is not seen. Throws `PetrelError` (`invalid`) when they differ. */
export async function askNewPassword(user: string, ...before: readonly string[]): Promise<string[]> {
  const question = `New password of ${user}`;
  if (process.stdin.isTTY !== true) return await askSecrets(...before, question);
  const answers = await askSecrets(...before, question, 'Once more');
  const again = answers.pop();
  if (answers.at(-1) !== again) throw new PetrelError('invalid', 'The two passwords differ; nothing was changed.');
  return answers;
}
