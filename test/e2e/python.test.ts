import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { type Server, startServer } from '../../src/server.ts';
import { call } from '../call.ts';
import { PYTHON } from '../python.ts';

let directory: string;
let server: Server;

const HEAD = 'import os\nfrom st2common.runners.base_action import Action\n';

function write(file: string, text: string): void {
  const path = join(directory, 'packs', file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A pack with one action per entry: the body of its `run(self, **parameters)`. */
function writePack(pack: string, actions: Record<string, string>, runner = 'python-script') {
  write(`${pack}/pack.yaml`, `name: ${pack}\nref: ${pack}\ndescription: d\nversion: 1.0.0\nauthor: a\n`);
  for (const [name, body] of Object.entries(actions)) {
    const lines = body.split('\n').map((line) => `        ${line}`);
    const metadata = {
      name,
      runner_type: runner,
      entry_point: `${name}.py`,
      parameters: { text: { type: 'string' }, password: { type: 'string', secret: true } },
    };
    write(`${pack}/actions/${name}.yaml`, JSON.stringify(metadata));
    write(
      `${pack}/actions/${name}.py`,
      `${HEAD}class Subject(Action):\n    def run(self, text, password):\n${lines.join('\n')}\n`,
    );
  }
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'petrel-e2e-py-'));
  writePack('alpha', {
    store: `service = self.action_service
service.set_value("plain", 5)
service.set_value("sealed", "geheim-1", encrypt=True)
service.set_value("shared", "s", local=False)
service.set_value("short", "s", ttl=0.001)
listed = sorted(item.name for item in service.list_values())
answer = [service.get_value("plain"), service.get_value("sealed", decrypt=True) == "geheim" + "-1", service.get_value("sealed").startswith("petrel:"), service.get_value("shared", local=False), service.get_value("none"), listed, service.get_user_info()["username"]]
return answer + [service.delete_value("plain"), service.delete_value("plain")]`,
    own: `service = self.action_service
service.set_value("number", 7)
service.set_value("hidden", "verborgen-1", encrypt=True)
def refusal():
    try:
        return service.set_value("everybodys", "x", local=False)
    except Exception as error:
        return str(error)
return [service.get_value("number"), service.get_value("hidden", decrypt=True) == "verborgen" + "-1", refusal(), service.delete_value("number")]`,
    client: `from st2client.client import Client
from st2client.models import KeyValuePair, LiveAction
client = Client(base_url="http://ignored", api_url=os.environ["ST2_ACTION_API_URL"], token=os.environ["ST2_ACTION_AUTH_TOKEN"])
client.keys.update(KeyValuePair(name="by_client", value="v"))
found = [client.keys.get_by_name(name="by_client").value, client.keys.get_by_id("nothing")]
execution = client.liveactions.create(LiveAction(action="core.noop", parameters={}))
found.append(client.webhooks.post_generic_webhook(trigger="alpha.ping", payload={"n": 1})["trigger_instance"] is not None)
return found + [client.liveactions.get_by_id(execution.id).action["ref"], client.actions.get_by_ref_or_id("alpha.store").name]`,
    token:
      'print(os.environ["ST2_AUTH_TOKEN"])\nopen(text, "w").write(os.environ["ST2_AUTH_TOKEN"])\nreturn {"length": len(os.environ["ST2_ACTION_AUTH_TOKEN"]), "token": os.environ["ST2_ACTION_AUTH_TOKEN"]}',
    echo: 'print("said", password)\nreturn {"text": text, "password": password, "config": self.config.get("key")}',
  });
  writePack(
    'beta',
    {
      peek: `from st2client.client import Client
service = self.action_service
def attempt(call):
    try:
        return call()
    except Exception as error:
        return str(error)
return [
    service.get_value("alpha.Subject:sealed", local=False, decrypt=True),
    attempt(lambda: service.set_value("alpha.Subject:sealed", "x", local=False)),
    service.delete_value("alpha.Subject:sealed", local=False),
    [item.name for item in service.list_values(local=False, prefix="alpha")],
    service.get_value("shared", local=False),
    attempt(lambda: Client().keys.get_by_id("mine", scope="user", user="bob")),
    dict(self.config),
]`,
    },
    'run-python',
  );
  write('alpha/triggers/ping.yaml', 'name: ping\n');
  mkdirSync(join(directory, 'configs'));
  writeFileSync(join(directory, 'configs', 'alpha.yaml'), 'key: of-alpha\n');
  // `ann` may do everything, so that only what holds for packs keeps their code from each other's; `eve` has no role.
  mkdirSync(join(directory, 'data', 'rbac', 'assignments'), { recursive: true });
  writeFileSync(join(directory, 'data', 'rbac', 'assignments', 'ann.yaml'), 'username: ann\nroles: [admin]\n');
  server = await startServer({
    data: join(directory, 'data'),
    packs: [join(directory, 'packs')],
    configs: join(directory, 'configs'),
    port: 0,
    logFile: join(directory, 'petrel.log'),
    ...(PYTHON !== undefined && { python: { command: PYTHON } }),
  });
}, 60_000);
afterAll(async () => {
  await server.stop(0);
  rmSync(directory, { recursive: true, force: true });
});

const api = async (method: 'GET' | 'POST', path: string, body?: JsonObject) =>
  (await call({ url: server.url, token: server.token }, method, path, body)).body as JsonObject; // these routes answer objects

async function run(action: string, parameters: JsonObject = {}, user = 'ann'): Promise<JsonObject> {
  const { id } = await server.executions.request({ actionRef: action, parameters, user });
  await server.executions.wait(id, AbortSignal.timeout(20_000));
  return await api('GET', `/executions/${id}`);
}

describe('a Petrel without Python', () => {
  it('says so when it starts, when a pack brings Python', async () => {
    const logFile = join(directory, 'without.log');
    const without = await startServer({
      data: join(directory, 'without'),
      packs: [join(directory, 'packs')],
      port: 0,
      logFile,
      python: { command: '/nowhere/python3' },
    });
    const says = () => readFileSync(logFile, 'utf8');
    for (let attempt = 0; attempt < 200 && !says().includes('/nowhere'); attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await without.stop(0);
    expect(says()).toMatch(
      /The Python of packs cannot be run, because .*\/nowhere\/python3.*Install Python 3\.8 or later/,
    );
  });
});

describe.skipIf(PYTHON === undefined)('a Python action on a running Petrel', () => {
  it('keeps keys, reads them, and knows whom it acts for', async () => {
    const { status, result } = await run('alpha.store');
    expect({ status, result: (result as JsonObject).result }).toEqual({
      status: 'succeeded',
      result: ['5', true, true, 's', null, ['alpha.Subject:plain', 'alpha.Subject:sealed'], 'ann', true, false],
    });
  });

  it("has its pack's keys, and no others, when it runs for a user without a role", async () => {
    const { result } = await run('alpha.own', {}, 'eve');
    expect((result as JsonObject).result).toEqual(['7', true, expect.stringContaining('key_value_pair_set'), true]);
  });

  it('uses the client library, also to request executions', async () => {
    const { result } = await run('alpha.client');
    expect(result).toMatchObject({ result: ['v', null, true, 'core.noop', 'store'] });
  });

  it("reaches neither the keys of another pack nor another user's, nor another pack's configuration", async () => {
    const { status, result } = await run('beta.peek');
    expect(status).toBe('succeeded');
    expect((result as JsonObject).result).toEqual([
      null,
      expect.stringMatching(/The key "alpha\.Subject:sealed" belongs to pack "alpha"; pack "beta" has no access to it/),
      false,
      [],
      's',
      expect.stringMatching(/The key "mine" belongs to user "bob"; pack "beta" has no access to it/),
      {},
    ]);
  });

  it('has a token that is shown nowhere and opens nothing when it has ended', async () => {
    const file = join(directory, 'token');
    const { id, result } = await run('alpha.token', { text: file });
    expect(result).toMatchObject({ result: { length: 48, token: '********' }, stdout: '********' });
    const token = readFileSync(file, 'utf8');
    const lines = await server.store.listOutput(String(id), 0, 10);
    expect(lines.map(({ data }) => data)).toEqual(['********\n']);
    expect(JSON.stringify(await server.store.getResult(String(id)))).not.toContain(token);
    await expect(call({ url: server.url, token }, 'GET', '/user')).rejects.toThrow(/Token or API key is not valid/);
  });

  it('has no other token than a shell action has', async () => {
    const { result } = await run('core.local', { cmd: 'echo $' + '{#ST2_ACTION_AUTH_TOKEN}' });
    expect(result).toMatchObject({ stdout: 48 });
  });

  it('has its secrets masked in result, output and parameters', async () => {
    const { id, parameters, result } = await run('alpha.echo', { text: 't', password: 'geheim-42' });
    expect(parameters).toEqual({ text: 't', password: '********' });
    expect(result).toMatchObject({
      result: { text: 't', password: '********', config: 'of-alpha' },
      stdout: '********',
    });
    const lines = await server.store.listOutput(String(id), 0, 10);
    expect(lines.map(({ data }) => data)).toEqual(['said ********\n']);
  });
});
