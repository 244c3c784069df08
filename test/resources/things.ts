import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const GROUP = 'test.example.dev';

/** A thing is a key in Consul: `things/NAME` holds its value and whose it is. */
const ACTIONS: Readonly<Record<string, string>> = {
  'put.ts': `
import { defineAction, z } from 'petrel/sdk';
import { existsSync } from 'node:fs';
import { key } from '../lib/consul.ts';
export default defineAction({
  input: z.object({ name: z.string(), tag: z.string(), value: z.string(), gate: z.string().default(''), leak: z.string().default(''), delay: z.number().default(0) }),
  async run({ input, config, signal, secret }) {
    while (input.gate !== '' && !existsSync(input.gate)) {
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const pause = () => new Promise((resolve) => setTimeout(resolve, input.delay));
    await pause();
    if (input.value === 'patient' && !existsSync(input.gate + '.room'))
      return { waiting: { reason: 'NoRoom', message: 'There is no room.' } };
    if (input.value === 'bad') throw new Error('a bad value is not taken');
    const found = await key(config, 'GET', 'things/' + input.name);
    if (found !== undefined && JSON.parse(found).owner !== input.tag) throw new Error('it belongs to somebody else');
    await key(config, 'PUT', 'things/' + input.name, JSON.stringify({ value: input.value, owner: input.tag }));
    await pause();
    return { outputs: { path: 'things/' + input.name, ...(input.leak === '' ? {} : { password: secret(input.leak) }) } };
  },
});`,
  'remove.ts': `
import { defineAction, z } from 'petrel/sdk';
import { key } from '../lib/consul.ts';
export default defineAction({
  input: z.object({ name: z.string(), policy: z.string() }),
  async run({ input, config }) {
    if (input.policy === 'snapshot') {
      const found = await key(config, 'GET', 'things/' + input.name);
      if (found !== undefined) await key(config, 'PUT', 'snapshots/' + input.name, found);
    }
    const there = await key(config, 'GET', 'things/' + input.name);
    if (there !== undefined && JSON.parse(there).value === 'kept') return { retained: true };
    await key(config, 'DELETE', 'things/' + input.name);
    return {};
  },
});`,
  'look.ts': `
import { defineAction, z } from 'petrel/sdk';
import { key } from '../lib/consul.ts';
export default defineAction({
  input: z.object({ name: z.string() }),
  async run({ input, config }) {
    const found = await key(config, 'GET', 'things/' + input.name);
    if (found === undefined) return { exists: false };
    const { value, owner, flaw } = JSON.parse(found);
    return { exists: true, owner, state: { value }, drift: flaw === undefined ? [] : [flaw] };
  },
});`,
  'list.ts': `
import { defineAction, z } from 'petrel/sdk';
export default defineAction({
  input: z.object({}),
  async run({ config }) {
    const response = await fetch(config.url + '/v1/kv/things/?recurse=true');
    if (response.status === 404) return { items: [] };
    if (!response.ok) throw new Error('Consul answered ' + response.status);
    const entries = await response.json();
    return {
      items: entries.map(({ Key, Value }) => {
        const { value, owner, flaw } = JSON.parse(Buffer.from(Value, 'base64').toString());
        return { name: Key.slice('things/'.length), owner, state: { value }, drift: flaw === undefined ? [] : [flaw] };
      }),
    };
  },
});`,
};

const LIBRARY = `
export async function key(config, method, path, body) {
  const response = await fetch(config.url + '/v1/kv/' + path + (method === 'GET' ? '?raw=true' : ''), { method, body });
  if (method === 'GET' && response.status === 404) return undefined;
  if (!response.ok) throw new Error('Consul answered ' + response.status);
  return await response.text();
}`;

const INPUT =
  '{name: "{{ owner.name }}", tag: "{{ owner.tag }}", value: "{{ desired.value }}", gate: "{{ desired.gate | default(\'\') }}", leak: "{{ desired.leak | default(\'\') }}", delay: "{{ desired.delay | default(0) }}"}';

/** Handlers of a resource: how its outside is looked at is what tests vary. */
export function declaration(kind: string, more = '', looks: 'list' | 'observe' | 'never' = 'list'): string {
  const look = {
    list: 'list: {action: list}\n',
    observe: 'observe: {action: look, input: {name: "{{ owner.name }}"}}\n',
    never: '',
  }[looks];
  return `
group: ${GROUP}
kind: ${kind}
install: true
versions:
  - name: v1
    schema:
      type: object
      required: [value]
      properties:
        value: {type: string}
        gate: {type: string}
        leak: {type: string}
        needs: {type: string}
        delay: {type: integer}
create: {action: put, input: ${INPUT}}
delete: {action: remove, input: {name: "{{ owner.name }}", policy: "{{ policy }}"}}
retry: {delay: 0.05, maxDelay: 0.2}
${look}${more}`;
}

/** The pack `things` below `packs/` of a directory, and its configuration below `configs/`. */
export async function writeThings(directory: string, consul: string): Promise<void> {
  const pack = join(directory, 'packs', 'things');
  for (const folder of ['actions', 'lib', 'resources']) await mkdir(join(pack, folder), { recursive: true });
  await mkdir(join(directory, 'configs'));
  await writeFile(join(pack, 'pack.yaml'), 'name: things\ndescription: things\nversion: 1.0.0\nauthor: test\n');
  await writeFile(join(pack, 'config.schema.yaml'), 'url: {type: string, required: true}\n');
  await writeFile(join(directory, 'configs', 'things.yaml'), JSON.stringify({ url: consul }));
  await writeFile(join(pack, 'lib', 'consul.ts'), LIBRARY);
  for (const [name, text] of Object.entries(ACTIONS)) await writeFile(join(pack, 'actions', name), text);
}

/** Replaces the pack's resources by these files. */
export async function declareThings(directory: string, declarations: Readonly<Record<string, string>>): Promise<void> {
  const folder = join(directory, 'packs', 'things', 'resources');
  await rm(folder, { recursive: true });
  await mkdir(folder);
  for (const [name, text] of Object.entries(declarations)) await writeFile(join(folder, `${name}.yaml`), text);
}
