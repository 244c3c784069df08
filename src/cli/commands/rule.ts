import { createCipher, createMasker } from '../../datastore/index.ts';
import { createInputs, type Preparation, prepareExecution } from '../../executions/index.ts';
import { createJinja } from '../../expressions/index.ts';
import { type JsonObject, PetrelError, type Rule } from '../../model/index.ts';
import { createRegistry, formatProblem } from '../../packs/index.ts';
import { indexRules, matchRules } from '../../rules/index.ts';
import { SHIPPED_PACKS } from '../../shipped-packs.ts';
import { parseObject } from '../arguments.ts';
import { withContentTools } from '../content.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../output.ts';

interface TestOptions extends GlobalOptions {
  readonly payload: string;
  readonly packs: readonly string[];
  readonly configs?: string;
}

/** Nothing is asked of a database: datastore keys read as absent. */
const NO_DATABASE = {
  getKey: async () => undefined,
  getResult: async () => undefined,
  getResults: async () => new Map(),
  getExecution: async () => undefined,
  listExecutions: async () => ({ items: [], total: 0 }),
};

/** Exit code 0 when the rule matches, 1 when not. */
export async function test(ref: string, options: TestOptions): Promise<number> {
  const payload = await parseObject(options.payload, 'payload');
  return await withContentTools(async ({ modules, runners }) => {
    const registry = createRegistry({
      packDirectories: [...options.packs, SHIPPED_PACKS],
      baseDirectory: SHIPPED_PACKS,
      ...(options.configs !== undefined && { configDirectory: options.configs }),
      modules,
      runners,
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    const snapshot = await registry.load();
    const rule = snapshot.rules.get(ref);
    if (rule === undefined) {
      const about = snapshot.problems
        .filter(({ file }) => file.includes(`/${ref.split('.').at(-1)}.`))
        .map((problem) => formatProblem(problem));
      const known = [...snapshot.rules.keys()].join(', ') || 'none';
      throw new PetrelError(
        'not_found',
        [`Rule "${ref}" is not registered. Registered: ${known}.`, ...about].join('\n'),
      );
    }
    const preparation: Preparation = {
      registry: snapshot,
      jinja: createJinja({}),
      cipher: createCipher(Buffer.alloc(32)),
      masker: createMasker(),
      inputs: createInputs(NO_DATABASE, { now: Date.now, open: (result) => result }),
      now: Date.now(),
      runnerParameters: (type) => runners.find(({ name }) => name === type)?.parameters,
    };
    const verdict = await judge(rule, payload, preparation);
    await print(verdict, options, () => describe(rule, verdict));
    return verdict.matches ? 0 : 1;
  });
}

interface Verdict extends JsonObject {
  readonly rule: string;
  readonly matches: boolean;
  readonly reasons: readonly string[];
  readonly action?: string;
  readonly parameters?: JsonObject;
}

async function judge(rule: Rule, payload: JsonObject, preparation: Preparation): Promise<Verdict> {
  // A disabled rule never matches; the question here is whether it would.
  const compiled = indexRules([{ ...rule, enabled: true }], { jinja: preparation.jinja }).find(
    rule.trigger.type,
    rule.trigger.parameters,
  );
  const { inputs, now } = preparation;
  const { matched, failures } = await inputs.evaluate(() => matchRules(compiled, payload, { now, key: inputs.key }));
  const reasons = failures.map(({ reason }) => reason);
  if (matched.length === 0) return { rule: rule.ref, matches: false, reasons };
  const draft = {
    actionRef: rule.action.ref,
    parameters: rule.action.parameters,
    user: 'stanley',
    variables: { trigger: payload },
  };
  const { parameters } = await inputs.evaluate(() => prepareExecution(preparation, draft));
  return { rule: rule.ref, matches: true, reasons, action: rule.action.ref, parameters };
}

function describe(rule: Rule, { matches, reasons, action, parameters }: Verdict): string {
  const disabled = rule.enabled ? [] : ['The rule is disabled; were it enabled:'];
  const outcome = matches
    ? [`Rule ${rule.ref} matches.`, `Action ${action} would run with:`, JSON.stringify(parameters, null, 2)]
    : [`Rule ${rule.ref} does not match.`];
  return [...disabled, ...outcome, ...reasons.map((reason) => `  ${reason}`)].join('\n');
}
