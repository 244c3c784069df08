import { onTestFinished } from 'vitest';
import type { KubernetesConfig } from '../../src/kubernetes/config.ts';
import {
  type Change,
  type RestartReason,
  runWatch,
  systemClock,
  type WatchHandlers,
  type WatchState,
  type WatchTarget,
  type WatchTiming,
} from '../../src/kubernetes/index.ts';
import {
  type Answer,
  respond,
  type ScriptedServer,
  startScriptedServer,
  status,
  testClient,
  WIDGET_DISCOVERY,
  watchAnswer,
  widget,
} from './scripted-server.ts';

export const COLLECTION = '/apis/example.org/v1/widgets';
const target = { apiVersion: 'example.org/v1', kind: 'Widget' };

export interface Watched {
  readonly log: string[];
  readonly states: WatchState[];
  readonly restarts: RestartReason[];
  /** What it wrote to the log, each line behind its level. */
  readonly lines: string[];
  readonly handlers: WatchHandlers;
}

/** What a watch reported, as short lines. */
export function watched(changes: Partial<WatchHandlers> = {}): Watched {
  const log: string[] = [];
  const states: WatchState[] = [];
  const restarts: RestartReason[] = [];
  return {
    lines: [],
    log,
    states,
    restarts,
    handlers: {
      onListStart: () => void log.push('list'),
      onListPage: (changes) => void log.push(`page ${changes.map(({ object }) => object.metadata.name).join(' ')}`),
      onListEnd: (version) => void log.push(`listed ${version}`),
      onEvents: (batch, version) => void log.push(`${batch.map(describeChange).join(' ')} @${version}`),
      onState: (state) => void states.push(state),
      onRestart: (reason) => void restarts.push(reason),
      ...changes,
    },
  };
}

export function describeChange({ type, object }: Change): string {
  return `${type} ${object.metadata.name}`;
}

export const list = (version: string, names: readonly string[] = [], next?: string): object => ({
  metadata: { resourceVersion: version, ...(next === undefined ? {} : { continue: next }) },
  items: names.map((name) => widget(name, version)),
});
export const change = (type: string, name: string, version: string) => ({ type, object: widget(name, version) });
export const bookmark = (version: string) => ({ type: 'BOOKMARK', object: { metadata: { resourceVersion: version } } });

/**
 * Lists answer from one script, watches from another; the last watch stays open so that the test decides when it is over. With `streams`
 * it is a server of 1.32, and the streamed lists answer from there.
 */
export async function serve(
  lists: readonly Answer[],
  watches: readonly Answer[],
  streams?: readonly Answer[],
): Promise<ScriptedServer> {
  let listed = 0;
  let opened = 0;
  let streamed = 0;
  const give = (
    answer: Answer | undefined,
    response: Parameters<typeof respond>[0],
    asked: Parameters<Extract<Answer, (...args: never[]) => void>>[1],
  ) => {
    if (typeof answer === 'function') answer(response, asked);
    else respond(response, 200, answer ?? list('0'));
  };
  return startScriptedServer({
    ...WIDGET_DISCOVERY,
    ...(streams === undefined ? {} : { '/version': { major: '1', minor: '32+' } }),
    [COLLECTION]: (response, asked) => {
      if (asked.query.has('sendInitialEvents')) give(streams?.[streamed++] ?? status(422, 'no more'), response, asked);
      else if (asked.query.get('watch') === 'true')
        give(watches[opened++] ?? watchAnswer([], { stayOpen: true }), response, asked);
      else give(lists[Math.min(listed++, lists.length - 1)], response, asked);
    },
  });
}

/** Runs a watch until `enough` holds for its log. */
export async function run(
  server: ScriptedServer,
  enough: (seen: Watched) => boolean,
  options: {
    readonly cursor?: string;
    readonly timing?: Partial<WatchTiming>;
    readonly handlers?: Partial<WatchHandlers>;
    readonly config?: Partial<KubernetesConfig>;
    readonly target?: Partial<WatchTarget>;
    readonly optional?: boolean;
  } = {},
): Promise<Watched> {
  const seen = watched(options.handlers);
  const say = (level: string) => (message: string) => void seen.lines.push(`${level} ${message}`);
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const running = runWatch({
    client: testClient(server, options.config),
    target: { ...target, ...options.target },
    ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
    handlers: seen.handlers,
    clock: systemClock,
    random: () => 0,
    signal: abort.signal,
    log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    ...(options.optional !== undefined && { optional: options.optional }),
    timing: { failure: { first: 1, max: 4 }, missing: { first: 1, max: 4 }, ...options.timing },
  });
  const end = Date.now() + 10_000;
  while (!enough(seen)) {
    if (Date.now() > end) throw new Error(`The watch only reported: ${seen.log.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  abort.abort();
  await running;
  return seen;
}

export function watchesOf(server: ScriptedServer) {
  return server.askedFor(COLLECTION).filter(({ query }) => query.get('watch') === 'true');
}

export function has(line: string) {
  return ({ log }: Watched) => log.includes(line);
}
