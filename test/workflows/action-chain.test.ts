import { describe, expect, it } from 'vitest';
import type { Json, JsonObject, ParameterSchemas } from '../../src/model/index.ts';
import { createActionChain } from '../../src/workflows/action-chain/index.ts';
import { jinjaTemplates } from '../../src/workflows/jinja-templates.ts';
import { ChainHost, type HostOptions, type Outcome } from './chain-host.ts';

const conductor = createActionChain(jinjaTemplates());

interface Story {
  readonly actions?: Record<string, ParameterSchemas>;
  readonly parameters?: JsonObject;
  readonly outcomes?: Record<string, Outcome[]>;
  readonly options?: Partial<HostOptions>;
}

function host(
  definition: string,
  { actions = { 'd.a': {} }, parameters = {}, outcomes = {}, options = {} }: Story = {},
) {
  return new ChainHost(conductor, {
    definition: conductor.parse(definition, '/packs/demo/actions/chain.yaml'),
    parameters,
    actions,
    outcome: (task, run) => outcomes[task]?.[run] ?? { status: 'succeeded', result: {} },
    rebuild: true,
    ...options,
  });
}

function started(definition: string, story: Story = {}) {
  const chain = host(definition, story);
  chain.start();
  return chain;
}

const parametersOf = (chain: ReturnType<typeof host>) => chain.requests.map(({ parameters }) => parameters);

describe('a chain file', () => {
  const refusal = (text: string, file = 'chain.yaml') => {
    try {
      conductor.parse(text, file);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it.each<{ what: string; text: string; file?: string; message: string | RegExp; line: number; column?: number }>([
    {
      what: 'is no YAML',
      text: 'chain:\n  - {name: a\n',
      message: /^Failed to parse action chain definition from "chain\.yaml": line \d+, column \d+: /,
      line: 3,
    },
    {
      what: 'is no JSON',
      text: '{"chain": [}',
      file: 'chain.json',
      message: /^Failed to parse action chain definition from "chain\.json": /,
      line: 1,
    },
    {
      what: 'has a task without name',
      text: 'chain:\n  - ref: d.a\n',
      message: `'name' is a required property`,
      line: 2,
      column: 5,
    },
    {
      what: 'has a value of the wrong type',
      text: 'chain:\n  - name: a\n    ref: 5\n',
      message: `5 is not of type 'string'`,
      line: 3,
      column: 10,
    },
    {
      what: 'gives parameters twice',
      text: 'chain:\n  - {name: z, ref: d.a}\n  - name: a\n    ref: d.a\n    params: {x: 1}\n    parameters: {x: 2}\n',
      message: 'Either "params" or "parameters" attribute needs to be provided, but not both',
      line: 5,
    },
    {
      what: 'points at a task that is missing',
      text: 'chain:\n  - name: a\n    ref: d.a\n    on-success: nope\n',
      message: 'Unable to find node with name "nope" referenced in "on-success" in task "a".',
      line: 4,
      column: 17,
    },
  ])('that $what is refused with its place', ({ text, file, message, line, column }) => {
    expect(refusal(text, file)).toMatchObject({
      code: 'invalid',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
      details: { file: file ?? 'chain.yaml', line, ...(column === undefined ? {} : { column }) },
    });
  });

  it('may be JSON', () => {
    const chain = host('chain: [{name: a, ref: d.a}]');
    expect(conductor.parse('{"chain": [{"name": "a", "ref": "d.a"}]}', 'chain.json')).toEqual(
      conductor.parse('chain: [{name: a, ref: d.a}]', 'chain.yaml'),
    );
    chain.start();
    expect(chain.status).toBe('succeeded');
  });

  it('may have unknown keys in every task but the first, as existing files do', () => {
    expect(
      started('chain:\n  - {name: a, ref: d.a, on-success: b}\n  - {name: b, ref: d.a, description: x}\n').status,
    ).toBe('succeeded');
  });

  it('without tasks fails when it is run', () => {
    const chain = started('chain: []');
    expect(chain.status).toBe('failed');
    expect(chain.result).toMatchObject({ tasks: [], error: 'Failed to find default node in chain.' });
  });
});

describe('the result document', () => {
  it('tells each run of a task, with ids and times', () => {
    const chain = started('chain: [{name: a, ref: d.a}]', {
      outcomes: { a: [{ status: 'succeeded', result: { k: 1 } }] },
    });
    expect(chain.result).toEqual({
      tasks: [
        {
          id: 'a',
          name: 'a',
          execution_id: chain.requests[0]?.executionId,
          liveaction_id: chain.requests[0]?.executionId,
          workflow: null,
          created_at: '2023-11-14T22:13:20.000000+00:00',
          updated_at: '2023-11-14T22:13:21.500000+00:00',
          state: 'succeeded',
          result: { k: 1 },
        },
      ],
      published: {},
    });
  });

  it('tells why a child was refused, and the chain goes on at on-failure, where the reason can be read', () => {
    const chain = started(
      `chain:\n  - {name: a, ref: d.a, on-failure: b, publish: {x: '{{ a.never }}'}}\n  - {name: b, ref: d.a, parameters: {why: '{{ a.error }}'}}\n`,
      { outcomes: { a: [{ raise: 'Parameter "x" is required.' }] } },
    );
    const error = 'Failed running task "a".. Parameter "x" is required.';
    expect(chain.status).toBe('succeeded');
    expect((chain.result as { tasks: Json[] }).tasks[0]).toMatchObject({
      state: 'failed',
      execution_id: null,
      liveaction_id: null,
      result: { error },
    });
    expect(parametersOf(chain)[1]).toEqual({ why: error });
  });

  it('keeps the tasks when a publish template fails', () => {
    const chain = started(`chain: [{name: a, ref: d.a, publish: {x: '{{ nope }}'}}]`);
    expect(chain.status).toBe('failed');
    expect(chain.result).toMatchObject({
      tasks: [{ id: 'a', state: 'succeeded' }],
      error: `Failed rendering value for publish parameter "x" in task "a" (template string={{ nope }}): 'nope' is undefined`,
    });
  });
});

describe('what a task is requested with', () => {
  it('is its own fields as context, and its notification or else that of the chain', () => {
    const definition = `chain:
  - {name: a, ref: d.a, on-success: b, params: {x: 1}, notify: {on-complete: {message: own}}}
  - {name: b, ref: d.a, on-success: c}
  - {name: c, ref: d.a}
`;
    const chain = started(definition, {
      parameters: { skip_notify: ['c'] },
      options: { notify: { 'on-complete': { message: 'the chain' } } },
    });
    expect(chain.requests.map(({ notify }) => notify)).toEqual([
      { 'on-complete': { message: 'own' } },
      { 'on-complete': { message: 'the chain' } },
      {},
    ]);
    expect(chain.requests[0]?.context).toEqual({
      chain: {
        name: 'a',
        ref: 'd.a',
        params: { x: 1 },
        parameters: {},
        on_success: 'b',
        on_failure: '',
        publish: {},
        notify: { 'on-complete': { message: 'own' } },
      },
    });
  });

  it('can refer to configuration, datastore, parent and the whole context', () => {
    const definition = `vars: {mine: '{{ st2kv.user.mine }}'}
chain:
  - name: a
    ref: d.a
    parameters:
      config: '{{ config_context.size }}'
      system: '{{ st2kv.system.key }}'
      older: '{{ system.key }}'
      user: '{{ mine }}'
      parent: '{{ action_context.parent.execution_id }} of {{ action_context.parent.user }}'
      whole: '{{ __context.p }}'
`;
    const chain = started(definition, {
      parameters: { p: 7 },
      options: { config: { size: 'huge' }, keys: { system: { key: 'value' }, user: { mine: 'own' } } },
    });
    expect(parametersOf(chain)).toEqual([
      { config: 'huge', system: 'value', older: 'value', user: 'own', parent: 'parent-ex of stanley', whole: '7' },
    ]);
  });

  it('can hold secrets of the datastore, which stand neither in the journal nor in the chain', () => {
    const chain = started(`chain: [{name: a, ref: d.a, parameters: {pw: '{{ st2kv.system.pw | decrypt_kv }}'}}]`, {
      options: { keys: { system: { pw: 'sealed:hunter2' } } },
    });
    expect(parametersOf(chain)).toEqual([{ pw: 'hunter2' }]);
    expect(JSON.stringify([chain.journal, chain.result])).not.toContain('hunter2');
  });

  it('is never made from a template that came as data', () => {
    const chain = started(
      `chain:\n  - {name: a, ref: d.a, on-success: b, parameters: {x: '{{ p }}', l: ['{{ p }}']}}\n  - {name: b, ref: d.a, parameters: {x: '{{ a.k }}'}}\n`,
      { parameters: { p: '{{ 7 * 7 }}' }, outcomes: { a: [{ status: 'succeeded', result: { k: '{{ 7 * 7 }}' } }] } },
    );
    expect(parametersOf(chain)).toEqual([{ x: '{{ 7 * 7 }}', l: ['{{ 7 * 7 }}'] }, { x: '{{ 7 * 7 }}' }]);
  });

  it('keeps inserted text inside the text it is inserted into', () => {
    const chain = started(`chain: [{name: a, ref: d.a, parameters: {l: ['{{ p }}'], o: {k: '{{ q }}'}}}]`, {
      parameters: { p: 'x","y', q: 'v", "admin": "yes' },
    });
    expect(parametersOf(chain)).toEqual([{ l: ['x","y'], o: { k: 'v", "admin": "yes' } }]);
  });

  it('is cast by the schema of its action; a name like a property of objects is only a name', () => {
    const chain = started(
      `chain: [{name: a, ref: d.a, parameters: {i: '{{ p }}', constructor: '{{ p }}', __proto__: 'x'}}]`,
      {
        actions: { 'd.a': { i: { type: 'integer' } } },
        parameters: { p: 3 },
      },
    );
    const [parameters = {}] = parametersOf(chain);
    expect(Object.entries(parameters)).toEqual([
      ['i', 3],
      ['constructor', '3'],
      ['__proto__', 'x'],
    ]);
  });

  it('does not see what its name suggests to JavaScript', () => {
    const chain = started(`chain: [{name: a, ref: d.a, parameters: {x: '{{ constructor }}'}}]`);
    expect(chain.result).toMatchObject({ error: expect.stringContaining(`'constructor' is undefined`) });
  });
});

describe('a chain that is stopped', () => {
  const two =
    'chain:\n  - {name: a, ref: d.a, on-success: b, on-failure: c}\n  - {name: b, ref: d.a, parameters: {x: "{{ a.k }}"}}\n  - {name: c, ref: d.a}\n';
  const wishing = (wish: 'cancel' | 'pause') => ({ wish: (child: number) => (child === 0 ? wish : undefined) });

  it('by cancel ends once the running child has ended, however that ended', () => {
    const chain = started(two, { outcomes: { a: [{ status: 'canceled' }] }, options: wishing('cancel') });
    expect(chain.status).toBe('canceled');
    expect(chain.result).toMatchObject({ tasks: [{ id: 'a', state: 'canceled' }] });
  });

  it('by cancel ends canceled also when a canceled child lacks what was to be published', () => {
    const chain = started(`chain: [{name: a, ref: d.a, publish: {x: '{{ a.k }}'}}]`, {
      outcomes: { a: [{ status: 'canceled', result: {} }] },
      options: wishing('cancel'),
    });
    expect(chain.status).toBe('canceled');
  });

  it('by cancel while it is paused ends at once', () => {
    const chain = started(two, { options: wishing('pause') });
    expect(chain.status).toBe('paused');
    chain.feed({ type: 'cancel' });
    expect(chain.status).toBe('canceled');
  });

  it('waits for an answer, and goes on with it when resumed', () => {
    const chain = started(two, { outcomes: { a: [{ status: 'pending', result: { route: 'ops' } }] } });
    expect(chain.status).toBe('paused');
    expect(chain.result).toMatchObject({ tasks: [{ id: 'a', state: 'pending' }] });
    chain.change(0, 'succeeded', { k: 'answer' });
    expect(chain.status).toBe('paused');
    chain.resume();
    expect(chain.status).toBe('succeeded');
    expect(chain.result).toMatchObject({ tasks: [{ id: 'a', state: 'succeeded' }, { id: 'b' }] });
    expect(parametersOf(chain)[1]).toEqual({ x: 'answer' });
  });

  it('waits on when it is resumed before the answer', () => {
    const chain = started(two, { outcomes: { a: [{ status: 'pending' }] } });
    chain.resume();
    expect(chain.status).toBe('running');
    expect(chain.requests).toHaveLength(1);
    chain.change(0, 'failed', {});
    chain.drain();
    expect(chain.status).toBe('succeeded');
    expect(chain.result).toMatchObject({ tasks: [{ id: 'a', state: 'failed' }, { id: 'c' }] });
  });

  it('shows a result that came while it was paused also where StackStorm shows it', () => {
    const nested = `chain:\n  - {name: a, ref: d.a, on-success: b}\n  - {name: b, ref: d.a, parameters: {x: "{{ a.result.k }}"}}\n`;
    const chain = started(nested, { outcomes: { a: [{ status: 'pending' }] } });
    chain.change(0, 'succeeded', { k: 'answer' });
    chain.resume();
    expect(parametersOf(chain)[1]).toEqual({ x: 'answer' });
  });

  it('goes on as if nothing had been when it is resumed before the pause came to pass', () => {
    const chain = host(two, { outcomes: { a: [{ status: 'succeeded', result: { k: 1 } }] } });
    const { definition } = { definition: conductor.parse(two, 'chain.yaml') };
    chain.feed({ type: 'start', definition, parameters: {}, context: {} });
    chain.feed({ type: 'pause' });
    chain.feed({ type: 'resume' });
    chain.drain();
    expect(chain.status).toBe('succeeded');
  });

  it.each([
    { status: 'timeout', ends: 'failed' },
    { status: 'failed', ends: 'failed' },
    { status: 'succeeded', ends: 'succeeded' },
    { status: 'canceled', ends: 'canceled' },
  ] as const)('after a last task that ended as $status is resumed to $ends', ({ status, ends }) => {
    const chain = started('chain: [{name: a, ref: d.a}]', { outcomes: { a: [{ status }] }, options: wishing('pause') });
    expect(chain.status).toBe('paused');
    chain.resume();
    expect(chain.status).toBe(ends);
  });
});
