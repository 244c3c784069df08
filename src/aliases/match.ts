import type { AliasFormatDefinition } from '../model/index.ts';
import { extract } from './extract.ts';
import { type AliasFormat, compileFormat } from './format.ts';

/** What matching needs of an alias; names and shapes are those of its file. */
export interface AliasDefinition {
  readonly name: string;
  readonly formats: readonly AliasFormatDefinition[];
  /** Default true. */
  readonly enabled?: boolean;
}

export interface CompiledAlias<Alias extends AliasDefinition = AliasDefinition> {
  readonly alias: Alias;
  readonly matchMultiple: boolean;
  readonly representations: readonly {
    /** What people are shown. */
    readonly display: string | undefined;
    readonly format: AliasFormat;
  }[];
}

/** A format that a command fits. */
export interface AliasMatch<Alias extends AliasDefinition = AliasDefinition> {
  readonly alias: Alias;
  readonly display: string | undefined;
  readonly representation: string;
}

export interface MatchOutcome<Alias extends AliasDefinition = AliasDefinition> {
  /** `ok`: exactly one format fits. */
  readonly outcome: 'ok' | 'none' | 'ambiguous';
  readonly matches: readonly AliasMatch<Alias>[];
}

/** Compiles all formats of an alias. Throws `PetrelError` (`invalid`) naming the format that is wrong. */
export function compileAlias<Alias extends AliasDefinition>(alias: Alias): CompiledAlias<Alias> {
  return {
    alias,
    matchMultiple: alias.formats.some((format) => typeof format !== 'string' && format.match_multiple === true),
    representations: alias.formats.flatMap((format) => {
      const { display, representation = [] } =
        typeof format === 'string' ? { display: format, representation: format } : format;
      const given = typeof representation === 'string' ? [representation] : representation;
      // As StackStorm: what is only displayed stands for a command without text.
      const texts = given.length === 0 && display !== undefined && display !== '' ? [''] : given;
      return texts.map((text) => ({ display, format: compileFormat(text) }));
    }),
  };
}

/**
 * Which formats of the enabled aliases a command fits, in their order (stackstorm-packs.md, section 10.2). Aliases with
 * `match_multiple` are asked only when no other fits. Throws `PetrelError` (`expression`) when matching was given up.
 */
export function matchCommand<Alias extends AliasDefinition>(
  aliases: readonly CompiledAlias<Alias>[],
  command: string,
): MatchOutcome<Alias> {
  const enabled = aliases.filter(({ alias }) => alias.enabled !== false);
  const single = enabled.filter(({ matchMultiple }) => !matchMultiple).flatMap((alias) => fitting(alias, command));
  const matches =
    single.length > 0
      ? single
      : enabled.filter(({ matchMultiple }) => matchMultiple).flatMap((alias) => fitting(alias, command));
  const outcome = matches.length === 0 ? 'none' : matches.length === 1 ? 'ok' : 'ambiguous';
  return { outcome, matches };
}

function fitting<Alias extends AliasDefinition>(compiled: CompiledAlias<Alias>, command: string): AliasMatch<Alias>[] {
  return compiled.representations
    .filter(({ format }) => extract(format, command).length > 0)
    .map(({ display, format }) => ({ alias: compiled.alias, display, representation: format.source }));
}
