import { type AliasDefinition, compileAlias, extract, matchCommand } from '../../src/aliases/index.ts';
import { type Json, PetrelError } from '../../src/model/index.ts';
import { type Kind, plainKind, same, thrownBy } from './check.ts';

interface ExtractCase {
  readonly id: string;
  readonly format: string;
  readonly command: string;
  readonly match_multiple?: boolean;
  readonly matched: boolean | null;
  readonly params?: Json;
}

/** The parameters of a command, for one format. */
export const aliasExtract: Kind = plainKind<ExtractCase>((given) => {
  const { format, command, match_multiple: matchMultiple = false } = given;
  if (given.matched === null) {
    const error = thrownBy(() => extract(format, command, { matchMultiple }));
    if (!(error instanceof PetrelError) || error.code !== 'invalid') {
      throw new Error('The format should be refused.', { cause: error });
    }
    return;
  }
  const found = extract(format, command, { matchMultiple });
  same(found.length > 0, given.matched);
  same(matchMultiple ? found : (found[0] ?? null), given.params);
});

interface MatchCase {
  readonly id: string;
  readonly aliases: readonly AliasDefinition[];
  readonly command: string;
  readonly matches: Json;
  readonly outcome: string;
}

/** A command against several aliases. */
export const aliasMatch: Kind = plainKind<MatchCase>(({ aliases, command, matches, outcome }) => {
  const found = matchCommand(aliases.map(compileAlias), command);
  same(
    found.matches.map(({ alias, display, representation }) => ({ alias: alias.name, display, representation })),
    matches,
  );
  same(found.outcome, outcome);
});
