/**
 * Action aliases: chat commands to actions. A format such as `run {{cmd}} on {{hosts=localhost}}` becomes a regular expression;
 * a command is matched against it, and its parameters come out as text (stackstorm-packs.md, section 10).
 *
 * Everything here is pure. Deliberately not here: reading aliases from packs, casting what was extracted to the action's parameter
 * types, immutable parameters, running anything, and what is said in the chat about it.
 */
export { type AliasExtraction, type ExtractOptions, extract } from './extract.ts';
export { type AliasFormat, compileFormat } from './format.ts';
export {
  type AliasDefinition,
  type AliasMatch,
  type CompiledAlias,
  compileAlias,
  type MatchOutcome,
  matchCommand,
} from './match.ts';
