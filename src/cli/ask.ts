import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Questions to whoever sits at the terminal. They go to standard error, so that standard output stays for the outcome. */
export interface Terminal {
  ask(question: string): Promise<string>;
  /** What is typed does not show. */
  askSecret(question: string): Promise<string>;
  close(): void;
}

export function openTerminal(): Terminal {
  let hidden = false;
  const output = new Writable({
    write(chunk, _, done) {
      if (!hidden) process.stderr.write(chunk);
      done();
    },
  });
  const terminal: Interface = createInterface({ input: process.stdin, output, terminal: true });
  return {
    ask: (question) => terminal.question(question),
    async askSecret(question) {
      const answer = terminal.question(question);
      // The question has been written by now; what is typed is not.
      hidden = true;
      const text = await answer;
      process.stderr.write('\n');
      hidden = false;
      return text;
    },
    close: () => terminal.close(),
  };
}
