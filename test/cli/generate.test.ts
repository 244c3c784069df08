import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startKubernetesSandbox } from '../../src/sandbox/index.ts';
import { PETREL } from '../e2e/petrel-process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'test/kubernetes/generate/fixtures');
const CRD = join(ROOT, 'examples/database-chain/crds/mysqldb.yaml');
const TPR = join(ROOT, 'examples/kubernetes/mysql-db.tpr.yaml');

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-cli-generate-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Runs the command in the test's own directory. */
function petrel(
  args: readonly string[],
  { input = '', env = {} }: { input?: string; env?: object } = {},
): Promise<Ran> {
  return new Promise((done) => {
    const options = { cwd: directory, env: { ...process.env, ...env } };
    const child = execFile(process.execPath, [PETREL, ...args], options, (_, stdout, stderr) => {
      done({ code: child.exitCode, stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

describe('petrel generate client', () => {
  it('writes a client into a directory named after the API, and says where', async () => {
    const { code, stdout, stderr } = await petrel(['generate', 'client', '--from', join(FIXTURES, 'shop-2.0.yaml')]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe('6 operations and 2 types in 6 files: shop-client\n');
    expect((await readdir(join(directory, 'shop-client'))).sort()).toEqual([
      'index.ts',
      'login.ts',
      'photos.ts',
      'runtime.ts',
      'things.ts',
      'types.ts',
    ]);
  });

  it('refuses a directory that holds something, unless told to replace what was generated', async () => {
    const args = ['generate', 'client', '--from', join(FIXTURES, 'jobs-3.1.json'), '--out', 'out'];
    expect((await petrel(args)).code).toBe(0);
    const again = await petrel(args);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('out is not empty')]);
    expect((await petrel([...args, '--force'])).code).toBe(0);
  });

  it('reads swagger 1.2 from a directory, and warns of what it could not take as written', async () => {
    const { code, stdout, stderr } = await petrel(['generate', 'client', '--from', join(FIXTURES, 'swagger-1.2')]);
    expect([code, stdout]).toEqual([0, '17 operations and 21 types in 6 files: api-client\n']);
    expect(stderr.split('\n').filter((line) => line.startsWith('warning: '))).toHaveLength(2);
  });

  it('reads a cluster, by kubeconfig or by address', async () => {
    const sandbox = await startKubernetesSandbox();
    try {
      await writeFile(join(directory, 'kubeconfig'), sandbox.kubeconfig);
      const from = ['generate', 'client', '--from', 'cluster', '--json'];
      const one = await petrel([...from, '--kubeconfig', 'kubeconfig', '--out', 'one']);
      const address = ['--kubernetes-url', sandbox.url, '--kubernetes-token', sandbox.token];
      const two = await petrel([...from, ...address, '--out', 'two']);
      expect([one.code, two.code]).toEqual([0, 0]);
      expect(JSON.parse(one.stdout)).toMatchObject({ directory: join(directory, 'one'), warnings: [] });
      expect(JSON.parse(one.stdout).files).toContain('core-v1.ts');
      for (const file of await readdir(join(directory, 'one'))) {
        const text = (which: string) => readFile(join(directory, which, file), 'utf8');
        expect(await text('one')).toBe(await text('two'));
      }
    } finally {
      await sandbox.close();
    }
  });

  it.each<[readonly string[], number, string]>([
    [[], 2, "required option '--from <source>' not specified"],
    [['--from', 'nowhere.json'], 2, 'nowhere.json cannot be read'],
    [['--from', CRD], 2, 'is no API description'],
    [['--from', 'cluster', '--kubernetes-url', 'http://127.0.0.1:1'], 3, 'did not answer'],
    [['--from', 'cluster', '--kubeconfig', 'nowhere'], 2, 'There is no kubeconfig at nowhere'],
  ])('%j ends with %i: %s', async (args, code, message) => {
    const ran = await petrel(['generate', 'client', ...args]);
    expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(message)]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('finds no cluster where there is none', async () => {
    const env = { HOME: directory, KUBECONFIG: '', KUBERNETES_SERVICE_HOST: '' };
    const { code, stderr } = await petrel(['generate', 'client', '--from', 'cluster'], { env });
    expect([code, stderr]).toEqual([2, expect.stringContaining('There is no cluster to read: give --kubeconfig')]);
  });
});

describe('petrel generate types', () => {
  it('prints, or writes to a file, from a file or standard input', async () => {
    const printed = await petrel(['generate', 'types', '--crd', CRD]);
    expect([printed.code, printed.stderr]).toEqual([0, '']);
    expect(printed.stdout).toContain('export type MysqlDb = MysqlDbV1;\n');
    const args = ['generate', 'types', '--crd', '-', '--out', 'types/mysqldb.ts'];
    const written = await petrel(args, { input: await readFile(CRD, 'utf8') });
    expect([written.code, written.stdout]).toEqual([0, 'MysqlDbV1, MysqlDb: types/mysqldb.ts\n']);
    expect(await readFile(join(directory, 'types/mysqldb.ts'), 'utf8')).toBe(printed.stdout);
  });

  it('refuses to overwrite what it did not write', async () => {
    await writeFile(join(directory, 'mine.ts'), 'mine');
    const { code, stderr } = await petrel(['generate', 'types', '--crd', CRD, '--out', 'mine.ts']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('mine.ts is there already')]);
  });
});

describe('petrel migrate tpr', () => {
  it('writes a definition once, and never over another file', async () => {
    const args = ['migrate', 'tpr', TPR, '--out', 'crd.yaml'];
    const { code, stdout, stderr } = await petrel(args);
    expect([code, stdout]).toEqual([0, 'mysqldbs.prsn.io: crd.yaml\n']);
    expect(stderr).toMatch(/^note: MysqlDb: /);
    const again = await petrel(args);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('crd.yaml is there already')]);
    const types = await petrel(['generate', 'types', '--crd', 'crd.yaml']);
    expect(types.stdout).toContain("readonly apiVersion: 'prsn.io/v1';");
  });

  it('tells machines of what must be changed', async () => {
    const { stdout, stderr } = await petrel(['migrate', 'tpr', TPR, '--json']);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      definitions: [{ metadata: { name: 'mysqldbs.prsn.io' } }],
      notes: [expect.stringContaining('apiVersion: prsn.io/v1')],
    });
  });

  it('refuses a name that is none, with the next step', async () => {
    const { code, stderr } = await petrel(['migrate', 'tpr', '-'], {
      input: 'kind: ThirdPartyResource\nmetadata: {name: mysql}\nversions: [{name: v1}]\n',
    });
    expect(code).toBe(2);
    expect(stderr).toContain('standard input: "#/metadata/name" is "mysql", which is too short');
    expect(stderr).toContain('Name it KIND.DOMAIN.TLD');
  });
});
