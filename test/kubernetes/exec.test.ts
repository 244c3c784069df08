import { describe, expect, it } from 'vitest';
import { type ChannelServerOptions, type Channels, startChannelServer } from './channel-server.ts';
import { testClient } from './scripted-server.ts';

const SUCCESS = JSON.stringify({ kind: 'Status', status: 'Success' });
const exit = (code: number) =>
  JSON.stringify({
    kind: 'Status',
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  });
const pod = { name: 'web', namespace: 'shop' };

async function clientOf(options: ChannelServerOptions, token?: string[]) {
  const server = await startChannelServer(options);
  return testClient(
    { url: server.url, asked: [], askedFor: () => [] },
    token && {
      credentials: {
        current: () => Promise.resolve({ headers: { authorization: `Bearer ${token[0]}` } }),
        refresh: () => void token.shift(),
      },
    },
  );
}
const says =
  (...messages: readonly (readonly [number, string | Uint8Array])[]) =>
  (channels: Channels) => {
    for (const [channel, content] of messages) channels.send(channel, content);
    channels.close();
  };

describe('A program run in a container', () => {
  it('answers what it printed and its exit code, and streams the output', async () => {
    const client = await clientOf({ onOpen: says([1, 'one\n'], [2, 'oh\n'], [1, 'two\n'], [3, exit(7)]) });
    const pieces: string[] = [];
    const output = (stream: string, data: string) => pieces.push(`${stream}:${data}`);
    expect(await client.exec(pod, { command: ['ls', '-l'], output })).toEqual({
      exitCode: 7,
      stdout: 'one\ntwo\n',
      stderr: 'oh\n',
    });
    expect(pieces).toEqual(['stdout:one\n', 'stderr:oh\n', 'stdout:two\n']);
  });

  it('gets its words as they are, and the container', async () => {
    const asked: Channels[] = [];
    const client = await clientOf({
      onOpen(channels) {
        asked.push(channels);
        says([3, SUCCESS])(channels);
      },
    });
    await client.exec(pod, { command: ['echo', 'a b & c', 'ü'], container: 'app' });
    expect(asked[0]?.query.getAll('command')).toEqual(['echo', 'a b & c', 'ü']);
    expect(asked[0]?.query.get('container')).toBe('app');
    expect(asked[0]?.query.has('stdin')).toBe(false);
  });

  it('keeps a character that two messages share', async () => {
    const [first, ...rest] = Buffer.from('ü');
    const client = await clientOf({
      onOpen: says([1, Buffer.of(first ?? 0)], [1, Buffer.from(rest)], [3, SUCCESS]),
    });
    expect((await client.exec(pod, { command: ['cat'] })).stdout).toBe('ü');
  });

  it('reads its input to the end', async () => {
    const client = await clientOf({
      onInputEnd: (channels) => says([1, String(channels.input().length)], [3, SUCCESS])(channels),
    });
    const stdin = 'x'.repeat(100_000);
    expect((await client.exec(pod, { command: ['cat'], stdin })).stdout).toBe('100000');
  });

  it('runs by v4, too', async () => {
    const protocols: string[] = [];
    const client = await clientOf({
      protocols: ['v4.channel.k8s.io'],
      onOpen(channels) {
        protocols.push(channels.protocol);
        says([1, 'ok'], [3, SUCCESS])(channels);
      },
    });
    expect((await client.exec(pod, { command: ['true'] })).stdout).toBe('ok');
    expect(protocols).toEqual(['v4.channel.k8s.io']);
  });

  it('is cut short by its signal', async () => {
    const abort = new AbortController();
    const client = await clientOf({ onOpen: () => abort.abort() });
    await expect(client.exec(pod, { command: ['sleep', '9'], signal: abort.signal })).rejects.toMatchObject({
      code: 'canceled',
    });
  });
});

describe('A program that cannot be run', () => {
  it.each([
    [403, 'forbidden'],
    [404, 'not_found'],
    [500, 'unavailable'],
  ])('says why the server refused with %i', async (code, expected) => {
    const client = await clientOf({ refuse: () => ({ code, message: 'because of the weather' }) });
    const failure = client.exec(pod, { command: ['ls'] });
    await expect(failure).rejects.toMatchObject({ code: expected });
    await expect(failure).rejects.toThrow('because of the weather');
  });

  it('is an error when the container does not have it', async () => {
    const status = { kind: 'Status', status: 'Failure', code: 500, message: 'no such file' };
    const client = await clientOf({ onOpen: says([3, JSON.stringify(status)]) });
    await expect(client.exec(pod, { command: ['nope'] })).rejects.toThrow('no such file');
  });

  it('is an outage when the connection ends without a word', async () => {
    const client = await clientOf({ onOpen: says([1, 'half']) });
    await expect(client.exec(pod, { command: ['ls'] })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('reads refused credentials again, once', async () => {
    const tokens = ['old', 'new'];
    const client = await clientOf(
      {
        refuse: ({ authorization }) =>
          authorization === 'Bearer new' ? undefined : { code: 401, message: 'Unauthorized' },
        onOpen: says([3, SUCCESS]),
      },
      tokens,
    );
    expect((await client.exec(pod, { command: ['ls'] })).exitCode).toBe(0);
  });

  it('needs a command', async () => {
    const client = await clientOf({});
    await expect(client.exec(pod, { command: [] })).rejects.toMatchObject({ code: 'invalid' });
  });
});
