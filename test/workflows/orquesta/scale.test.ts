import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/model/index.ts';
import { simulate } from '../../../src/workflows/index.ts';
import { createOrquesta } from '../../../src/workflows/orquesta/index.ts';

const conductor = createOrquesta({ now: () => 0, random: () => 0.5 });

/** Conducts a workflow whose actions all succeed, and measures its journal. */
function conducted(text: string) {
  let journal = 0;
  const measuring = {
    ...conductor,
    fold(state: Parameters<typeof conductor.fold>[0], event: JsonObject) {
      journal += JSON.stringify(event).length;
      return conductor.fold(state, event);
    },
  };
  const options = { parameters: {}, outcome: () => ({ status: 'succeeded', result: null }) as const };
  const { status, result } = simulate(measuring, conductor.parse(text, 'workflow.yaml'), options);
  return { status, result, journal };
}

/** Ways that part and meet again, one such pair after the other. */
function diamonds(count: number): string {
  const lines = ['version: 1.0', 'vars:', '  - last: none', 'tasks:'];
  for (let n = 0; n < count; n += 1) {
    const next = n + 1 < count ? [`    next:`, `      - do: l${n + 1}, r${n + 1}`] : [];
    lines.push(
      `  l${n}:`,
      '    action: core.noop',
      '    next:',
      `      - publish: last=l${n} l${n}=1`,
      `        do: m${n}`,
    );
    lines.push(`  r${n}:`, '    action: core.noop', '    next:', `      - publish: last=r${n}`, `        do: m${n}`);
    lines.push(`  m${n}:`, '    join: all', '    action: core.noop', ...next);
  }
  return [...lines, 'output:', '  - last: <% ctx().last %>'].join('\n').replaceAll(/last=(\w+)/g, 'last="$1"');
}

function cycle(iterations: number): string {
  return `version: 1.0
vars:
  - n: 0
tasks:
  begin:
    action: core.noop
    next:
      - do: step
  step:
    action: core.noop
    next:
      - when: <% succeeded() and ctx().n < ${iterations} %>
        publish: n=<% ctx().n + 1 %>
        do: step
output:
  - n: <% ctx().n %>
`;
}

describe('what a step costs', () => {
  it('does not double with every join: a hundred of them one after the other', () => {
    const { status, result, journal } = conducted(diamonds(100));
    expect({ status, result }).toEqual({ status: 'succeeded', result: { output: { last: 'r99' } } });
    expect(journal).toBeLessThan(1_000_000);
  });

  it('is the same after ten iterations and after a thousand: the journal grows as the cycle does', () => {
    const short = conducted(cycle(100));
    const long = conducted(cycle(1000));
    expect(long.result).toEqual({ output: { n: 1000 } });
    expect(long.journal / short.journal).toBeLessThan(11);
  });
});
