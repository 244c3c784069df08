import { afterAll, describe, expect, it } from 'vitest';
import { createKubernetesClient, loadKubernetesConfig } from '../../src/kubernetes/index.ts';
import { loadPack } from '../../src/packs/index.ts';
import { crdOf } from '../../src/resources/index.ts';
import { startKubernetesSandbox } from '../../src/sandbox/index.ts';
import { brief, newModules, RUNNERS, removeTemporaryFolders, trialPack } from '../packs/support.ts';

afterAll(removeTemporaryFolders);

const modules = newModules();

async function read(files: Record<string, string>) {
  const runners = new Map(RUNNERS.map((runner) => [runner.name, runner]));
  const pack = await loadPack(trialPack(files), { modules, runners });
  if (pack.kind === 'refused') throw new Error('the pack was refused');
  return pack.content;
}

const YAML = `
group: config.example.dev
kind: Flag
shortNames: [fl]
versions:
  - name: v1
    schema:
      type: object
      required: [value]
      properties:
        value: {type: string, minLength: 1}
        level: {type: integer, default: 3}
columns:
  - {name: Value, type: string, jsonPath: .spec.value}
create: {action: core.noop}
delete: {action: core.noop}
`;

const TYPESCRIPT = `
import { defineResource, z } from 'petrel/sdk';
export default defineResource({
  group: 'config.example.dev',
  kind: 'Flag',
  shortNames: ['fl'],
  versions: [{ name: 'v1', spec: z.object({ value: z.string().min(1), level: z.int().default(3) }) }],
  columns: [{ name: 'Value', type: 'string', jsonPath: '.spec.value' }],
  create: { action: 'core.noop' },
  delete: { action: 'core.noop' },
});
`;

describe('a declared resource', () => {
  it('is the same in YAML and in TypeScript', async () => {
    const [fromYaml, fromModule] = await Promise.all([
      read({ 'resources/flag.yaml': YAML }),
      read({ 'resources/flag.ts': TYPESCRIPT }),
    ]);
    expect([...fromYaml.problems, ...fromModule.problems].map(brief)).toEqual([]);
    const [resource] = fromYaml.resources;
    expect(resource).toMatchObject({ ref: 'trial.flag', plural: 'flags', resync: 300, driftPolicy: 'report' });
    expect(fromModule.resources).toEqual([{ ...resource, metadataFile: 'resources/flag.ts' }]);
  });

  it.each([
    [
      'an unknown key',
      YAML.replace('shortNames', 'shortnames'),
      '4:1 error: Unknown key "shortnames" in a resource. Did you mean "shortNames"?',
    ],
    [
      'a policy that there is not',
      `${YAML}driftPolicy: corect\n`,
      '17:14 error: "driftPolicy" must be "report" or "correct", but it is the text "corect". Did you mean "correct"?',
    ],
    [
      'a group without a dot',
      YAML.replace('config.example.dev', 'config'),
      '2:8 error: "group" is "config", but it must be a domain with a dot, such as "databases.example.com".',
    ],
    [
      'a field without a type',
      YAML.replace('{type: string, minLength: 1}', '{minLength: 1}'),
      '11:16 error: value has no type.',
    ],
    [
      'a schema that refers elsewhere',
      YAML.replace('{type: string, minLength: 1}', '{type: string, $ref: "#/x"}'),
      '11:37 error: value.$ref uses "$ref", which a CustomResourceDefinition cannot say.',
    ],
  ])('is refused for %s, with its place', async (_, text, complaint) => {
    const { problems, resources } = await read({ 'resources/flag.yaml': text });
    expect(problems.map(brief)).toEqual([complaint]);
    expect(resources).toEqual([]);
  });

  it('is refused where a module says something else', async () => {
    const { problems } = await read({ 'resources/flag.ts': TYPESCRIPT.replace('z.object({', 'z.record({') });
    expect(problems.map(({ severity }) => severity)).toEqual(['error']);
  });
});

describe('its CustomResourceDefinition', () => {
  it('is taken by the API server, which then fills in defaults, validates and shows the columns', async () => {
    const [resource] = (await read({ 'resources/flag.yaml': YAML })).resources;
    if (resource === undefined) throw new Error('no resource was read');
    const sandbox = await startKubernetesSandbox();
    const config = await loadKubernetesConfig({ url: sandbox.url, token: sandbox.token, env: {} });
    if (config === undefined) throw new Error('an explicit URL is always a configuration');
    const client = createKubernetesClient(config);
    try {
      await client.apply(crdOf(resource), { force: true });
      const flag = { apiVersion: 'config.example.dev/v1', kind: 'Flag', metadata: { name: 'a', namespace: 'default' } };
      await expect(client.create({ ...flag, spec: {} })).rejects.toMatchObject({ code: 'invalid' });
      expect((await client.create({ ...flag, spec: { value: 'x' } })).spec).toEqual({ value: 'x', level: 3 });
      const answer = await fetch(`${sandbox.url}/apis/config.example.dev/v1/flags`, {
        headers: {
          accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
          authorization: `Bearer ${sandbox.token}`,
        },
      });
      const shown = (await answer.json()) as { columnDefinitions: readonly { name: string }[] }; // a Table
      expect(shown.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Value', 'Ready', 'Reason', 'Age']);
    } finally {
      await client.close();
      await sandbox.close();
    }
  });

  it('keeps the fields of every version where there are several', async () => {
    const two = YAML.replace(
      'columns:',
      '  - name: v1beta1\n    schema: {type: object, properties: {text: {type: string}}}\n    convert: {value: "{{ spec.text }}"}\ncolumns:',
    );
    const [resource] = (await read({ 'resources/flag.yaml': two })).resources;
    if (resource === undefined) throw new Error('no resource was read');
    expect(crdOf(resource)).toMatchObject({
      spec: {
        versions: [
          {
            name: 'v1',
            storage: true,
            schema: { openAPIV3Schema: { properties: { spec: { 'x-kubernetes-preserve-unknown-fields': true } } } },
          },
          { name: 'v1beta1', storage: false },
        ],
      },
    });
  });
});
