import type { LogOptions, PodReference } from '../sdk/index.ts';
import { podPath } from './discovery.ts';
import type { Transport } from './transport.ts';

/** What a pod's container printed, as text. Leaving the loop cuts the connection. */
export async function* readLogs(
  transport: Pick<Transport, 'stream'>,
  pod: Required<PodReference>,
  { signal, ...query }: LogOptions = {},
): AsyncGenerator<string> {
  const path = podPath(pod.namespace, pod.name, 'log');
  const stream = await transport.stream({ path, query, ...(signal === undefined ? {} : { signal }) });
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await stream.chunks.next();
      const text = done === true ? decoder.decode() : decoder.decode(value, { stream: true });
      if (text !== '') yield text;
      if (done === true) return;
    }
  } finally {
    stream.close();
  }
}
