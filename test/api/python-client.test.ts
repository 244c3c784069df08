import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PYTHON } from '../python.ts';
import { type House, MANIFEST, openHouse } from './support.ts';

/** python/st2client, which packs import, with what the packs of the exchange call. */
const ROOT = resolve(import.meta.dirname, '../../python');

let house: House;
beforeAll(async () => {
  house = await openHouse({
    'shop/pack.yaml': MANIFEST('shop'),
    'shop/actions/two.words.yaml':
      'name: two.words\nrunner_type: local-shell-cmd\nparameters: {cmd: {default: echo said}}\n',
    'shop/actions/flow.yaml': 'name: flow\nrunner_type: orquesta\nentry_point: flow.wf\n',
    'shop/actions/flow.wf': 'version: 1.0\ntasks:\n  one: {action: shop.two.words}\n',
    'shop/aliases/say.yaml': 'name: say\naction_ref: core.echo\nformats: ["say {{message}}"]\n',
    'shop/triggers/order.yaml': 'name: order\n',
  });
});
afterAll(() => house.stop());

/** Runs Python that prints JSON. */
async function python(code: string): Promise<unknown> {
  const program = `import json, os\nfrom st2client.client import Client\nfrom st2client import models\nclient = Client()\n${code}`;
  const env = {
    PATH: process.env.PATH,
    PYTHONPATH: ROOT,
    PYTHONDONTWRITEBYTECODE: '1',
    ST2_API_URL: `${house.server().url}/api/v1`,
    ST2_AUTH_TOKEN: house.server().token,
    FALLBACK: join(ROOT, 'fallback'),
  };
  const { stdout } = await promisify(execFile)(PYTHON ?? '', ['-c', program], { env });
  return JSON.parse(stdout);
}

describe.skipIf(PYTHON === undefined)("the Python client's", () => {
  it('lists are filtered, counted and shown as dictionaries', async () => {
    const said = await python(`actions, count = client.actions.query_with_count(pack="shop", limit=1)
print(json.dumps([len(actions), count, sorted(action.to_dict(exclude_attributes=["parameters"])["name"] for action in client.actions.get_all(pack="shop", params={"limit": 5})),
  "parameters" in actions[0].to_dict(exclude_attributes=["parameters"]), client.managers["ActionAlias"].get_by_name("say").action_ref, client.rules.get_by_ref_or_id("shop.none"), client.rules.get_by_name("none")]))`);
    expect(said).toEqual([1, 2, ['flow', 'two.words'], false, 'core.echo', null, null]);
  });

  it('executions have children, output and another run', async () => {
    const said = await python(`import time
def ended(execution):
    while execution.status not in ("succeeded", "failed"):
        time.sleep(0.05)
        execution = client.executions.get_by_id(execution.id)
    return execution
flow = ended(client.executions.create(models.Execution(action="shop.flow", parameters={})))
[child] = client.executions.get_children(flow.id)
again = ended(client.liveactions.re_run(flow.id))
print(json.dumps([flow.status, child.action["ref"], "said" in client.executions.get_output(child.id), again.id != flow.id, again.status, client.executions.get_property(flow.id, "result", self_deserialize=False)]))`);
    expect(said).toEqual(['succeeded', 'shop.two.words', true, true, 'succeeded', { output: null }]);
  });

  it('commands are matched and executed, inquiries answered', async () => {
    const said = await python(`import time
from st2client.models.action_alias import ActionAliasMatch
from st2client.models.aliasexecution import ActionAliasExecution
match = ActionAliasMatch()
match.command = "say hello"
alias, representation = client.managers["ActionAlias"].match(match)
execution = client.managers["ActionAliasExecution"].match_and_execute(ActionAliasExecution(command="say hello", user="ann", source_channel="c"))
asked = client.executions.create(models.Execution(action="core.ask", parameters={"schema": {"type": "object", "properties": {"ok": {"type": "boolean"}}}}))
while client.inquiries.get_by_id(asked.id) is None:
    time.sleep(0.05)
print(json.dumps([alias.name, representation, execution.results[0]["execution"]["action"]["ref"], client.inquiries.respond(inquiry_id=asked.id, inquiry_response={"ok": True}).response]))`);
    expect(said).toEqual(['say', 'say {{message}}', 'core.echo', { ok: true }]);
  });

  it('errors are those of requests where that is used, and what is gone can be deleted', async () => {
    const said = await python(`import sys, types
from petrel_host.api import ApiError
def refused():
    try:
        client.executions.create(models.Execution(action="no.such"))
    except ApiError as error:
        return error
first = refused()
sys.modules["requests"] = types.SimpleNamespace(exceptions=types.SimpleNamespace(HTTPError=type("HTTPError", (OSError,), {})))
second = refused()
client.keys.update(models.KeyValuePair(name="k", value="v"))
print(json.dumps([first.response.status_code, isinstance(second, sys.modules["requests"].exceptions.HTTPError), second.status, "no.such" in str(second),
  client.keys.delete(client.keys.get_by_name("k")), client.keys.delete_by_id("k"), client.keys.get_by_name("k")]))`);
    expect(said).toEqual([400, true, 400, true, true, true, null]);
  });

  it('stream tells of executions as they happen', async () => {
    const said = await python(`import threading
found = []
opened = threading.Event()
def listen():
    from petrel_host.api import Api
    original = Api.open
    def opening(self, *args, **kwargs):
        answer = original(self, *args, **kwargs)
        opened.set()
        return answer
    Api.open = opening
    for event in client.managers["Stream"].listen(["st2.execution__create", "st2.execution__update"]):
        execution = models.LiveAction(**event)
        if execution.action["ref"] == "core.noop" and execution.status == "succeeded":
            found.append(execution.id)
            return
thread = threading.Thread(target=listen)
thread.start()
opened.wait()
made = client.webhooks.post_generic_webhook("shop.order", {"n": 1}, trace_tag="t-1")
execution = client.executions.create(models.Execution(action="core.noop"))
thread.join(10)
print(json.dumps([found == [execution.id], made["trigger"], client.managers["Workflow"].inspect("version: 1.0")[0]["type"]]))`);
    expect(said).toEqual([true, 'shop.order', 'syntax']);
  });
});
