import type { KubernetesApi, PodReference } from '../../sdk/index.ts';
import { BoundedText } from '../bounded-text.ts';
import { CONTAINER } from './manifest.ts';

/** The logs of a Job's pods, one behind the other, as one text and as output. */
export interface JobLog {
  /**
   * Reads a pod's log from the line on that was not read yet: while it is written, or (`follow: false`) what there is. Rejects with what the API says;
   * reading again then goes on.
   */
  read(kubernetes: KubernetesApi, pod: PodReference, options: { follow: boolean; signal: AbortSignal }): Promise<void>;
  /** That pod has nothing more to say: a last line without an end counts as one. */
  end(pod: PodReference): void;
  text(): string;
}

/** `printed`: how many lines an earlier attempt has put out; they are read and not put out again. */
export function createJobLog(printed: number, output: (line: string) => void): JobLog {
  const kept = new BoundedText();
  const read = new Map<string, { lines: number; rest: string }>();
  let seen = 0;

  const ofPod = (name: string) => {
    const known = read.get(name) ?? { lines: 0, rest: '' };
    read.set(name, known);
    return known;
  };
  const take = (line: string) => {
    seen += 1;
    const text = kept.add(Buffer.from(line, 'utf8'));
    if (seen > printed && text !== '') output(text.endsWith('\n') ? text : `${text}\n`);
  };

  return {
    async read(kubernetes, pod, options) {
      const state = ofPod(pod.name);
      let skip = state.lines;
      state.rest = '';
      for await (const piece of kubernetes.logs(pod, { ...options, container: CONTAINER })) {
        const lines = (state.rest + piece).split('\n');
        state.rest = lines.pop() ?? '';
        for (const line of lines) {
          if (skip > 0) skip -= 1;
          else {
            state.lines += 1;
            take(`${line}\n`);
          }
        }
      }
    },
    end(pod) {
      const state = ofPod(pod.name);
      if (state.rest !== '') take(state.rest);
      state.rest = '';
    },
    text: () => kept.text,
  };
}
