import { actionChain } from './action-chain.ts';
import { aliasExtract, aliasMatch } from './aliases.ts';
import type { Kind } from './check.ts';
import { expressions } from './expressions.ts';
import { inspection } from './inspection.ts';
import { templates } from './jinja.ts';
import { parameterRendering } from './parameters.ts';
import { criteria, ruleMatching, ruleSets } from './rules.ts';
import { commandLine, scriptLine } from './shell.ts';
import { workflows } from './workflows.ts';

/** The kinds of vector files that Petrel is held to, by the `kind` in the file or by its name. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['action-chain', actionChain],
  ['alias_extract', aliasExtract],
  ['alias_match', aliasMatch],
  ['criteria', criteria],
  ['expressions', expressions],
  ['inspection', inspection],
  ['jinja', templates],
  ['param_rendering', parameterRendering],
  ['rule_matching', ruleMatching],
  ['rule_sets', ruleSets],
  ['shell_command', commandLine],
  ['shell_script_args', scriptLine],
  ['workflows', workflows],
]);

/**
 * How a file is run: by its own `kind`, else by its name, of which more may follow (`criteria-2.json`). Undefined for files that
 * are no vectors of a known kind. Throws SyntaxError for a file that is no JSON.
 */
export function kindOf(name: string, text: string): Kind | undefined {
  const file: unknown = JSON.parse(text);
  if (typeof file !== 'object' || file === null || !('cases' in file) || !Array.isArray(file.cases)) return undefined;
  if ('kind' in file && typeof file.kind === 'string') return KINDS.get(file.kind);
  const stem = name.replace(/\.json$/, '');
  const known = [...KINDS.keys()].filter((kind) => stem === kind || new RegExp(`^${kind}[^a-z]`, 'i').test(stem));
  return KINDS.get(known.sort((left, right) => right.length - left.length)[0] ?? '');
}
