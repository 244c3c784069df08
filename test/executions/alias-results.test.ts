import { describe, expect, it } from 'vitest';
import { formatResult } from '../../src/executions/index.ts';
import { createJinja } from '../../src/expressions/index.ts';
import type { ActionAlias, JsonObject } from '../../src/model/index.ts';

const jinja = createJinja({});
const execution = (result: JsonObject | string | null, more: JsonObject = {}): JsonObject => ({
  id: '1',
  status: 'succeeded',
  action: { ref: 'shop.show' },
  elapsed_seconds: 1.26,
  result,
  ...more,
});
const alias = (result: JsonObject): ActionAlias => ({
  ref: 'shop.show',
  pack: 'shop',
  name: 'show',
  enabled: true,
  actionRef: 'shop.show',
  formats: [],
  result,
  metadataFile: '',
});

describe('what a chat is told', () => {
  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    [
      'by a template over the execution',
      { format: '{{ execution.result.n }}!' },
      { n: 5 },
      { enabled: true, message: '5!' },
    ],
    ['of the alias', { format: 'by {{ alias.name }}' }, {}, { enabled: true, message: 'by show' }],
    [
      'with Python 2 in its template',
      { format: '{% for k, v in six.iteritems(execution.result) %}{{ k }}={{ v }};{% endfor %}' },
      { a: 1, b: [2] },
      { enabled: true, message: 'a=1;b=[2];' },
    ],
    [
      'with what only the adapter understands',
      { format: 'x', extra: { slack: { color: '{{ execution.status }}' } } },
      {},
      { enabled: true, message: 'x', extra: { slack: { color: 'succeeded' } } },
    ],
    ['is nothing where the alias says so', { enabled: false, format: 'x' }, {}, { enabled: false, message: '' }],
  ])('%s', (_, settings, result, expected) => {
    expect(formatResult(execution(result), alias(settings), jinja)).toEqual(expected);
  });

  it('fails when the template does not work out', () => {
    expect(() => formatResult(execution({}), alias({ format: '{{ execution.result.lost.x }}' }), jinja)).toThrow(
      'lost',
    );
  });

  it.each<[string, JsonObject | string | null, string]>([
    ['a shell action', { stdout: 'out\n', stderr: '', return_code: 0 }, 'out'],
    ['a shell action that failed', { stdout: 'out', stderr: 'wrong', error: 'late' }, 'out\nwrong\nlate'],
    ['a shell action that said nothing', { stdout: '', stderr: '' }, ''],
    ['a Python action', { result: { a: 1 }, stdout: 'log', exit_code: 0 }, '{\n  "a": 1\n}'],
    ['a request', { status_code: 200, body: 'hello' }, 'hello'],
    ['anything', { output: { x: 1 } }, '{\n  "output": {\n    "x": 1\n  }\n}'],
    ['nothing', null, ''],
  ])('of %s without an alias', (_, result, body) => {
    const { message } = formatResult(execution(result), undefined, jinja);
    const head = ['Action shop.show completed after 1.3 s.', 'status : succeeded', 'execution: 1'];
    expect(message).toBe([...head, ...(body === '' ? [] : [body])].join('\n'));
  });

  it('is cut when it is long', () => {
    const { message } = formatResult(execution({ stdout: 'x'.repeat(5000) }), undefined, jinja);
    expect(message.length).toBeLessThan(2200);
    expect(message).toContain('(5000 characters in all)');
  });
});
