import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PETREL, type PetrelProcess, startPetrelProcess } from '../e2e/petrel-process.ts';
import { realComponent } from '../real.ts';

const script = process.platform === 'linux' ? realComponent('script', 'script') : undefined;
let directory: string;
let server: PetrelProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'petrel-cli-'));
  server = await startPetrelProcess(['--data', directory]);
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function petrel(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [PETREL, '--data', directory, ...args])) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }; // execFile rejects with these
  }
}

const FIELDS =
  '{"type":"object","properties":{"size":{"type":"integer","required":true},"pin":{"type":"string","secret":true},"why":{"type":"string"},"go":{"type":"boolean"},"tags":{"type":"array"}}}';

async function asked(): Promise<string> {
  const { stdout } = await petrel('run', 'core.ask', '--async', `schema:=${FIELDS}`, 'route=ops');
  const id = stdout.trim();
  while (!(await petrel('inquiry', 'list')).stdout.includes(id))
    await new Promise((resolve) => setTimeout(resolve, 50));
  return id;
}

const responseOf = async (id: string) =>
  JSON.parse((await petrel('execution', 'get', id, '--json')).stdout).result?.response;

describe('petrel inquiry', () => {
  it('lists and shows those that wait', async () => {
    const id = await asked();
    expect((await petrel('inquiry', 'list')).stdout).toMatch(
      new RegExp(`ID +ROLES +USERS +ROUTE +TTL\n${id} .*ops +1440`),
    );
    const { stdout } = await petrel('inquiry', 'get', id);
    expect(stdout).toContain('ttl:    1440 minutes');
    expect(stdout).toContain('"size"');
    expect(JSON.parse((await petrel('inquiry', 'get', id, '--json')).stdout)).toMatchObject({ id, route: 'ops' });
    await petrel('execution', 'cancel', id);
    expect((await petrel('inquiry', 'list')).stdout).toBe('Nothing found.\n');
  });

  it('answers with fields, read as their schema wants them', async () => {
    const id = await asked();
    const wrong = await petrel('inquiry', 'respond', id, 'size=big');
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('field "size"') });
    const { code, stdout } = await petrel('inquiry', 'respond', id, 'size=3', 'why=12', 'go=no', 'tags:=["a"]');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `Inquiry ${id} has its answer.\n` });
    expect(await responseOf(id)).toEqual({ size: 3, why: '12', go: false, tags: ['a'] });
  });

  it('answers with JSON', async () => {
    const id = await asked();
    const { stdout } = await petrel('inquiry', 'respond', id, '--response', '{"size": 4}', '--json');
    expect(JSON.parse(stdout)).toEqual({ id, response: { size: 4 } });
  });

  it('says what to do where there is no terminal', async () => {
    const id = await asked();
    const refused = await petrel('inquiry', 'respond', id);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--response JSON') });
    expect(await petrel('inquiry', 'respond', id, 'size=1', '--response', '{}')).toMatchObject({ code: 2 });
    await petrel('execution', 'cancel', id);
  });

  it('is what `petrel run` says it waits for', async () => {
    const running = spawn(process.execPath, [PETREL, '--data', directory, 'run', 'core.ask']);
    let said = '';
    running.stderr.on('data', (data) => {
      said += data;
    });
    const ended = new Promise((resolve) => running.once('exit', resolve));
    while (!said.includes('\n')) await new Promise((resolve) => setTimeout(resolve, 50));
    const [, id = ''] = /petrel inquiry respond (\S+)/.exec(said) ?? [];
    await petrel('inquiry', 'respond', id, 'continue=yes');
    expect(await ended).toBe(0);
    expect(said).toBe(`${id} waits for an answer: petrel inquiry respond ${id}\n`);
  });

  it.runIf(script)('asks field by field on a terminal, and does not show what is secret', async () => {
    const id = await asked();
    const command = `'${process.execPath}' '${PETREL}' --data '${directory}' inquiry respond ${id}`;
    const terminal = spawn(script ?? '', ['-qec', command, '/dev/null']);
    const answers: Record<string, string> = { size: '5', pin: 'hidden-pin', why: '', go: 'yes', tags: '["b"]' };
    let shown = '';
    terminal.stdout.on('data', (data) => {
      shown += data;
      for (const [name, text] of Object.entries(answers)) {
        if (!shown.includes(`${name} (`) || !shown.slice(shown.lastIndexOf(`${name} (`)).includes('): ')) continue;
        terminal.stdin.write(`${text}\r`);
        delete answers[name];
      }
    });
    await new Promise((resolve) => terminal.once('exit', resolve));
    expect(shown).toContain(`Inquiry ${id} has its answer.`);
    expect(shown).not.toContain('hidden-pin');
    expect(await responseOf(id)).toEqual({ size: 5, pin: '********', go: true, tags: ['b'] });
  });
});
