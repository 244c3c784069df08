import { createStreamMasker, type Masker } from '../datastore/index.ts';
import type { Id, OutputLine } from '../model/index.ts';
import type { Operations } from '../store/index.ts';

/** What one execution may leave in the store, in characters. A child that prints for ever must not fill the disk. */
const MAX_CHARACTERS = 10_000_000;
const FLUSH_MILLISECONDS = 100;
const FLUSH_LINES = 500;

type Stream = OutputLine['stream'];

export interface OutputRecorder {
  output(stream: Stream, data: string): void;
  /** How many whole lines of standard output there are by now, those of earlier attempts included. */
  printedLines(): number;
  /** Stores what is left, the last unfinished line included. */
  close(): Promise<void>;
}

/**
 * Takes pieces of output as they come, masks secrets (also those split over two pieces), cuts them into lines and stores the
 * lines in small batches while the action runs, so that they can be followed live and survive a crash.
 */
export function createOutputRecorder(options: {
  store: Pick<Operations, 'appendOutput'>;
  masker: Masker;
  executionId: Id;
  /** Where the output of earlier attempts ends. */
  before: { readonly nextSequence: number; readonly printedLines: number };
  now: () => number;
  onLine: (line: OutputLine) => void;
  onError: (error: unknown) => void;
}): OutputRecorder {
  const maskers = { stdout: createStreamMasker(options.masker), stderr: createStreamMasker(options.masker) };
  const partial = { stdout: '', stderr: '' };
  let sequence = options.before.nextSequence;
  let printedLines = options.before.printedLines;
  let characters = 0;
  let waiting: OutputLine[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    writing = writing
      .then(() => options.store.appendOutput(lines))
      .then(() => lines.forEach(options.onLine))
      .catch(options.onError);
  };

  const add = (stream: Stream, data: string) => {
    if (characters > MAX_CHARACTERS) return;
    characters += data.length;
    const text = characters > MAX_CHARACTERS ? `[output is cut here: more than ${MAX_CHARACTERS} characters]\n` : data;
    waiting.push({
      executionId: options.executionId,
      sequence: sequence++,
      stream,
      timestamp: options.now(),
      data: text,
    });
    if (waiting.length >= FLUSH_LINES) flush();
    else timer ??= setTimeout(flush, FLUSH_MILLISECONDS);
  };

  const take = (stream: Stream, masked: string) => {
    const lines = (partial[stream] + masked).split('\n');
    partial[stream] = lines.pop() ?? '';
    for (const line of lines) add(stream, `${line}\n`);
  };

  return {
    printedLines: () => printedLines,
    output(stream, data) {
      if (stream === 'stdout') printedLines += data.split('\n').length - 1;
      take(stream, maskers[stream].push(data));
    },
    async close() {
      for (const stream of ['stdout', 'stderr'] as const) {
        take(stream, maskers[stream].flush());
        if (partial[stream] !== '') add(stream, partial[stream]);
        partial[stream] = '';
      }
      flush();
      await writing;
    },
  };
}
