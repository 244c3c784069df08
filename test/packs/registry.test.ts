import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createRegistry, formatProblem, type LiveRegistry, type RegistrySettings } from '../../src/packs/index.ts';
import { type Files, newModules, RUNNERS, removeTemporaryFolders, temporaryFolder, write } from './support.ts';

afterAll(removeTemporaryFolders);

const manifest = (ref: string) => `ref: ${ref}\nname: ${ref}\ndescription: x\nversion: 1.0.0\nauthor: x\n`;
const noop = (name: string, more = '') => `name: ${name}\nrunner_type: noop\n${more}`;
const rule = (trigger: string) => `name: rule\nenabled: true\ntrigger: {type: ${trigger}}\naction: {ref: one.act}\n`;

/** A base folder with packs, and a registry on it that keeps what it logs. */
function setUp(files: Files, settings: Partial<RegistrySettings> = {}) {
  const base = temporaryFolder();
  write(base, files);
  const logged: string[] = [];
  const log = (level: string) => (message: string) => logged.push(`${level} ${message.replaceAll(`${base}/`, '')}`);
  const registry = createRegistry({
    packDirectories: [base],
    modules: newModules(),
    runners: RUNNERS,
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    debounce: 10,
    ...settings,
  });
  const problems = () => registry.snapshot().problems.map((problem) => formatProblem(problem, base));
  return { base, registry, logged, problems };
}

describe('a registry', () => {
  it('is empty but for the built-in trigger types until it is loaded', () => {
    const { registry } = setUp({ 'one/pack.yaml': manifest('one') });
    const { version, packs, triggerTypes } = registry.snapshot();
    expect([version, packs.size]).toEqual([0, 0]);
    expect([...triggerTypes.keys()]).toContain('core.st2.IntervalTimer');
  });

  it('holds what all packs bring, by reference', async () => {
    const { registry, problems } = setUp({
      'one/pack.yaml': manifest('one'),
      'one/actions/act.yaml': noop('act'),
      'two/pack.yaml': manifest('two'),
      'two/triggers/came.yaml': 'name: came\n',
      'two/rules/rule.yaml': rule('two.came'),
    });
    const snapshot = await registry.load();
    expect(snapshot).toBe(registry.snapshot());
    expect([...snapshot.packs.keys()]).toEqual(['one', 'two']);
    expect([...snapshot.actions.keys()]).toEqual(['one.act']);
    expect([...snapshot.rules.keys()]).toEqual(['two.rule']);
    expect(snapshot.triggerTypes.has('two.came')).toBe(true);
    expect(problems()).toEqual([]);
  });

  it('takes a folder that is a pack itself', async () => {
    const base = temporaryFolder();
    write(base, { 'pack.yaml': manifest('one') });
    const { registry } = setUp({}, { packDirectories: [base] });
    expect([...(await registry.load()).packs.keys()]).toEqual(['one']);
  });

  it('says which folders are no packs, and loads the rest', async () => {
    const { registry, problems } = setUp({
      'empty/readme.txt': 'x',
      'broken/pack.yaml': 'ref: [',
      'good/pack.yaml': manifest('good'),
      '.git/config': 'x',
      'a-file': 'x',
    });
    expect([...(await registry.load()).packs.keys()]).toEqual(['good']);
    expect(problems().map((problem) => problem.split(':')[0])).toEqual(['broken/pack.yaml', 'empty/pack.yaml']);
  });

  it('takes the first of two packs with one name', async () => {
    const first = temporaryFolder();
    const second = temporaryFolder();
    write(first, { 'x/pack.yaml': manifest('one'), 'x/actions/a.yaml': noop('first') });
    write(second, { 'y/pack.yaml': manifest('one'), 'y/actions/a.yaml': noop('second') });
    const { registry } = setUp({}, { packDirectories: [first, second] });
    const { actions, problems } = await registry.load();
    expect([...actions.keys()]).toEqual(['one.first']);
    expect(problems.map((problem) => formatProblem(problem, second))).toEqual([
      `y/pack.yaml:1:1: warning: There is a pack "one" already, in ${first}/x; this one is left out.`,
    ]);
  });

  it('lays a pack over the one of its name that comes with Petrel', async () => {
    const base = temporaryFolder();
    write(base, {
      'one/pack.yaml': manifest('one'),
      'one/actions/act.yaml': noop('act', 'description: shipped\n'),
      'one/actions/more.yaml': noop('more'),
      'two/pack.yaml': manifest('two'),
    });
    const own = { 'one/pack.yaml': manifest('one'), 'one/actions/act.yaml': noop('act', 'description: own\n') };
    const above = temporaryFolder();
    write(above, own);
    const { registry } = setUp({}, { packDirectories: [above, base], baseDirectory: base });
    const { actions, packs, problems } = await registry.load();
    expect([...packs.keys()]).toEqual(['one', 'two']);
    expect([...actions].map(([ref, { description = '' }]) => [ref, description])).toEqual([
      ['one.act', 'own'],
      ['one.more', ''],
    ]);
    expect(problems.map(({ message }) => message)).toEqual([
      'This pack lies over the pack "one" that comes with Petrel: what it does not define itself stays.',
    ]);
  });

  it('warns of a pack directory that does not exist', async () => {
    const { registry } = setUp({}, { packDirectories: ['/no/such/folder'] });
    expect((await registry.load()).problems.map((problem) => formatProblem(problem))).toEqual([
      '/no/such/folder:1:1: warning: This pack directory does not exist; create it or take it out of the settings.',
    ]);
  });

  it('leaves out a rule whose trigger type no pack has', async () => {
    const { registry } = setUp({ 'one/pack.yaml': manifest('one'), 'one/rules/r.yaml': rule('two.came') });
    const { rules, packs } = await registry.load();
    expect(rules.size).toBe(0);
    expect(packs.get('one')?.rules).toEqual([]);
    expect(packs.get('one')?.problems.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
  });

  it('logs each problem once', async () => {
    const { registry, logged } = setUp({ 'one/pack.yaml': manifest('one'), 'one/actions/a.yaml': 'name: a\n' });
    await registry.load();
    await registry.load();
    expect(logged).toEqual([
      'error one/actions/a.yaml:1:1: error: The key "runner_type" is missing; an action needs it.',
    ]);
  });

  it('reads one pack again on demand, and makes a new snapshot', async () => {
    const { base, registry } = setUp({ 'one/pack.yaml': manifest('one'), 'two/pack.yaml': manifest('two') });
    const before = await registry.load();
    write(base, { 'one/actions/act.yaml': noop('act') });
    const seen: number[] = [];
    const unsubscribe = registry.onChange(({ version }) => seen.push(version));
    const after = await registry.reload('one');
    expect(after.actions.has('one.act')).toBe(true);
    expect(before.actions.size).toBe(0);
    expect(after.packs.get('two')?.manifest).toBe(before.packs.get('two')?.manifest);
    unsubscribe();
    await registry.reload('one');
    expect(seen).toEqual([before.version + 1]);
  });

  it('cannot read a pack again that it does not have', async () => {
    const { registry } = setUp({});
    await expect(registry.reload('nope')).rejects.toThrow('There is no pack "nope"');
  });
});

describe('watching', () => {
  const stops: (() => void)[] = [];
  afterEach(() => {
    for (const stop of stops.splice(0)) stop();
  });

  /** A loaded, watching registry, and a way to wait until its state is as told. */
  async function watched(files: Files, settings: Partial<RegistrySettings> = {}) {
    const set = setUp(files, settings);
    await set.registry.load();
    stops.push(set.registry.watch());
    // The queue of reads is first in, first out: after this one the watches are in place.
    await set.registry.reload('one');
    return { ...set, until: (condition: () => boolean) => until(set.registry, condition) };
  }

  function until(registry: LiveRegistry, condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        unsubscribe();
        resolve();
      };
      const unsubscribe = registry.onChange(check);
      check();
    });
  }

  const ONE = { 'one/pack.yaml': manifest('one'), 'one/actions/act.yaml': noop('act') };

  it('sees edited, added and removed files', async () => {
    const { base, registry, until } = await watched(ONE);
    const actions = () => registry.snapshot().actions;
    write(base, { 'one/actions/act.yaml': noop('act', 'description: changed\n') });
    await until(() => actions().get('one.act')?.description === 'changed');
    write(base, { 'one/actions/more.yaml': noop('more') });
    await until(() => actions().has('one.more'));
    rmSync(join(base, 'one/actions/act.yaml'));
    await until(() => !actions().has('one.act'));
  });

  it('sees folders that are added later, with what is in them', async () => {
    const { base, registry, until } = await watched(ONE);
    write(base, { 'one/triggers/came.yaml': 'name: came\n' });
    await until(() => registry.snapshot().triggerTypes.has('one.came'));
    write(base, { 'one/triggers/gone.yaml': 'name: gone\n' });
    await until(() => registry.snapshot().triggerTypes.has('one.gone'));
  });

  it('sees packs that are added and removed', async () => {
    const { base, registry, until } = await watched(ONE);
    write(base, { 'two/pack.yaml': manifest('two'), 'two/actions/a.yaml': noop('a') });
    await until(() => registry.snapshot().actions.has('two.a'));
    rmSync(join(base, 'two'), { recursive: true });
    await until(() => !registry.snapshot().packs.has('two'));
  });

  it('sees a file that an editor writes beside and renames over', async () => {
    const { base, registry, until } = await watched(ONE);
    for (const description of ['first', 'second']) {
      const temporary = join(base, 'one/actions/.act.yaml.swp');
      writeFileSync(temporary, noop('act', `description: ${description}\n`));
      renameSync(temporary, join(base, 'one/actions/act.yaml'));
      await until(() => registry.snapshot().actions.get('one.act')?.description === description);
    }
  });

  it('sees a change behind links, to a pack and to a file', async () => {
    const elsewhere = temporaryFolder();
    write(elsewhere, {
      'pack/pack.yaml': manifest('linked'),
      'pack/files/act.yaml': noop('act'),
      'pack/actions/own.yaml': noop('own'),
    });
    symlinkSync(join(elsewhere, 'pack/files/act.yaml'), join(elsewhere, 'pack/actions/act.yaml'));
    const { base, registry, until } = await watched(ONE);
    symlinkSync(join(elsewhere, 'pack'), join(base, 'linked'));
    await until(() => registry.snapshot().actions.has('linked.act'));
    write(elsewhere, { 'pack/files/act.yaml': noop('act', 'description: changed\n') });
    await until(() => registry.snapshot().actions.get('linked.act')?.description === 'changed');
    write(elsewhere, { 'pack/actions/own.yaml': noop('own', 'description: changed\n') });
    await until(() => registry.snapshot().actions.get('linked.own')?.description === 'changed');
  });

  it('keeps what a file held when it was last right, and tells what is wrong', async () => {
    const { base, registry, problems, until } = await watched(ONE);
    write(base, { 'one/actions/act.yaml': 'name: act\nrunner_type: nop\n' });
    await until(() => problems().length > 0);
    expect(problems()).toEqual(['one/actions/act.yaml:2:14: error: Unknown runner "nop". Did you mean "noop"?']);
    expect(registry.snapshot().actions.get('one.act')?.runnerType).toBe('noop');
    write(base, { 'one/actions/act.yaml': noop('act', 'description: better\n') });
    await until(() => registry.snapshot().actions.get('one.act')?.description === 'better');
    expect(problems()).toEqual([]);
  });

  it('keeps a whole pack while its pack.yaml is wrong', async () => {
    const { base, registry, problems, until } = await watched(ONE);
    write(base, { 'one/pack.yaml': 'ref: [' });
    await until(() => problems().length > 0);
    expect(registry.snapshot().actions.has('one.act')).toBe(true);
  });

  it('reads only the pack that has changed', async () => {
    const { base, registry, until } = await watched({ ...ONE, 'two/pack.yaml': manifest('two') });
    const before = registry.snapshot().packs.get('two')?.manifest;
    write(base, { 'one/actions/act.yaml': noop('act', 'description: changed\n') });
    await until(() => registry.snapshot().actions.get('one.act')?.description === 'changed');
    expect(registry.snapshot().packs.get('two')?.manifest).toBe(before);
  });

  it('sees a change of a module that an action imports', async () => {
    const module = (name: string) =>
      `import { defineAction, z } from 'petrel/sdk';\nimport { description } from '../lib/text.ts';\nexport default defineAction({ name: '${name}', description, input: z.object({}), run: async () => 1 });\n`;
    const { base, registry, until } = await watched({
      ...ONE,
      'one/actions/made.ts': module('made'),
      'one/lib/text.ts': "export const description = 'old';\n",
    });
    expect(registry.snapshot().actions.get('one.made')?.description).toBe('old');
    write(base, { 'one/lib/text.ts': "export const description = 'new';\n" });
    await until(() => registry.snapshot().actions.get('one.made')?.description === 'new');
  });

  it('sees a changed configuration, and keeps the last one that fits', async () => {
    const configDirectory = temporaryFolder();
    write(configDirectory, { 'one.yaml': 'port: 1\n' });
    const { registry, until } = await watched(
      { ...ONE, 'one/config.schema.yaml': 'port: {type: integer}\n' },
      { configDirectory },
    );
    const config = () => registry.snapshot().packs.get('one')?.config;
    write(configDirectory, { 'one.yaml': 'port: 22\n' });
    await until(() => config()?.port === 22);
    write(configDirectory, { 'one.yaml': 'port: many\n' });
    await until(() => registry.snapshot().problems.length > 0);
    expect(config()).toEqual({ port: 22 });
  });

  it('sees a configuration that is written later', async () => {
    const configDirectory = temporaryFolder();
    const { registry, until } = await watched(ONE, { configDirectory });
    write(configDirectory, { 'one.yaml': 'a: 1\n' });
    await until(() => registry.snapshot().packs.get('one')?.config.a === 1);
  });

  it('brings back a rule when its trigger type comes', async () => {
    const { base, registry, until } = await watched({ ...ONE, 'one/rules/r.yaml': rule('two.came') });
    expect(registry.snapshot().rules.size).toBe(0);
    write(base, { 'two/pack.yaml': manifest('two'), 'two/triggers/came.yaml': 'name: came\n' });
    await until(() => registry.snapshot().rules.has('one.rule'));
  });

  it('stops when told', async () => {
    const { base, registry } = await watched(ONE);
    for (const stop of stops.splice(0)) stop();
    const { version } = registry.snapshot();
    write(base, { 'one/actions/act.yaml': noop('act', 'description: changed\n') });
    // Time is the subject: long enough for the debounce of 10 ms to have passed many times.
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(registry.snapshot().version).toBe(version);
  });
});
