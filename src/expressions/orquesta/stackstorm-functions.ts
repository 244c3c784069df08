import { STACKSTORM_FILTERS, type StandaloneFilter } from '../jinja/index.ts';

/** Older names that workflows still use. */
const ALIASES: Readonly<Record<string, string>> = {
  json_parse: 'from_json_string',
  json_dump: 'to_json_string',
  yaml_parse: 'from_yaml_string',
  yaml_dump: 'to_yaml_string',
};

/**
 * The functions of StackStorm that need nothing but their arguments: the filters of the same name. `to_complex` and
 * `decrypt_kv` are filters only.
 */
export const STACKSTORM_FUNCTIONS: ReadonlyMap<string, StandaloneFilter> = new Map(
  [
    ...Object.entries(STACKSTORM_FILTERS),
    ...Object.entries(ALIASES).map(([name, of]) => [name, STACKSTORM_FILTERS[of]] as const),
  ].filter((entry): entry is [string, StandaloneFilter] => entry[1] !== undefined && entry[0] !== 'to_complex'),
);
