import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { startServer } from '../../src/server.ts';

it('a rule on petrel.audit runs when somebody is denied', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'petrel-audit-'));
  const pack = join(directory, 'packs', 'watch');
  await mkdir(join(pack, 'rules'), { recursive: true });
  await writeFile(join(pack, 'pack.yaml'), 'name: watch\ndescription: test\nversion: 1.0.0\nauthor: test\n');
  await writeFile(
    join(pack, 'rules', 'on_failure.yaml'),
    `name: on_failure
enabled: true
trigger: {type: petrel.audit}
criteria: {trigger.outcome: {type: equals, pattern: failed}}
action:
  ref: core.echo
  parameters: {message: "{{ trigger.user }} {{ trigger.action }} {{ trigger.target }} {{ trigger.status }}"}
`,
  );
  const server = await startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    port: 0,
    logFile: join(directory, 'petrel.log'),
  });
  const ask = async (method: string, path: string) => {
    const response = await fetch(`${server.url}/v1${path}`, { method, headers: { 'x-auth-token': server.token } });
    const text = await response.text();
    return (text === '' ? {} : JSON.parse(text)) as JsonObject;
  };
  await ask('DELETE', '/keys/none');
  const [instance] = (await ask('GET', '/triggerinstances?trigger=petrel.audit')) as unknown as JsonObject[];
  const [record] = (await ask('GET', '/audit')) as unknown as JsonObject[];
  expect(instance?.payload).toMatchObject({ id: record?.id, user: 'admin', method: 'admin_token', outcome: 'failed' });
  const [execution] = (await ask('GET', '/executions?action=core.echo')) as unknown as JsonObject[];
  expect(execution?.parameters).toMatchObject({ message: 'admin DELETE /keys/* /v1/keys/none 404' });
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});
