import type { Run } from '../runner.ts';

type Stream = 'stdout' | 'stderr';

/** Longer than this a line is passed on in pieces. */
const LONGEST_LINE = 64 * 1024;

/** The streamed output of one host: as it is, or, where there are several hosts, whole lines with the host in front. */
export function hostOutput(
  run: Pick<Run, 'output'>,
  label: string | undefined,
): { add(stream: Stream, text: string): void; end(): void } {
  if (label === undefined) return { add: (stream, text) => run.output(stream, text), end: () => undefined };
  const begun: Record<Stream, string> = { stdout: '', stderr: '' };
  const pass = (stream: Stream, line: string) => run.output(stream, `[${label}] ${line}\n`);
  return {
    add(stream, text) {
      const lines = `${begun[stream]}${text}`.split('\n');
      begun[stream] = lines.pop() ?? '';
      for (const line of lines) pass(stream, line);
      if (begun[stream].length > LONGEST_LINE) {
        pass(stream, begun[stream]);
        begun[stream] = '';
      }
    },
    end() {
      for (const stream of ['stdout', 'stderr'] as const) if (begun[stream] !== '') pass(stream, begun[stream]);
    },
  };
}
