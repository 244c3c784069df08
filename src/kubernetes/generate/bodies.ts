import { at, type Cursor, follow, isTrue, membersOf } from '../openapi/cursor.ts';
import { schemaComment } from './object-types.ts';
import { type TypeScope, textOf, typeOf, union } from './types.ts';

export interface Body {
  readonly required: boolean;
  readonly type: string;
  /** Doc comment with its line end; empty without. */
  readonly comment: string;
  readonly contentType: ContentType;
}

/** One content type always, or a choice: which one goes out decides how the server reads the body. */
export type ContentType =
  | { readonly fixed: string }
  | { readonly choice: readonly string[]; readonly fallback: string | undefined };

const JSON_TYPE = 'application/json';
const JSON_PATCH = 'application/json-patch+json';

const isJson = (type: string): boolean => /[/+]json\b/.test(type);
const isForm = (type: string): boolean => /^(multipart\/form-data|application\/x-www-form-urlencoded)\b/.test(type);
const isYaml = (type: string): boolean => /[/+](?:x-)?yaml\b/.test(type);

/** The body of an operation; undefined when it takes none. */
export function bodyOf(scope: TypeScope, operation: Cursor): Body | undefined {
  const written = at(operation, 'requestBody');
  if (written.value === undefined) return undefined;
  const body = follow(scope.root, written);
  // Kubernetes' OpenAPI 3 says of its own kinds that it takes anything; what it means is JSON.
  const contents = membersOf(at(body, 'content')).map(
    ([type, content]) => [type === '*/*' ? JSON_TYPE : type, content] as const,
  );
  const offered = usable([...new Set(contents.map(([type]) => type))]);
  const types = contents
    .filter(([type]) => offered.includes(type))
    .map(([, content]) => typeOf(scope, at(content, 'schema'), { indent: '  ' }));
  // A JSON patch is a list of changes, whatever the one type says that all kinds of patches share.
  if (offered.includes(JSON_PATCH) && offered.length > 1 && union(types).length === 1)
    types.push(['readonly unknown[]']);
  return {
    required: isTrue(at(body, 'required')),
    type: offered.length === 0 ? 'unknown' : textOf(union(types)),
    comment: schemaComment(body, '  '),
    contentType: contentTypeOf(offered),
  };
}

/** JSON where it is offered, else YAML (as which JSON may be sent), forms, else what there is. */
function usable(types: readonly string[]): readonly string[] {
  for (const fits of [isJson, isForm]) {
    const found = types.filter(fits);
    if (found.length > 0) return fits === isJson ? types.filter((type) => isJson(type) || isPatch(type)) : found;
  }
  const yaml = types.filter(isYaml);
  return yaml.length > 0 ? yaml : types;
}

/** Server-side apply goes out as YAML by name, and as JSON in fact. */
const isPatch = (type: string): boolean => /patch\+yaml\b/.test(type);

function contentTypeOf(types: readonly string[]): ContentType {
  const [first = JSON_TYPE, ...more] = types;
  if (more.length === 0) return { fixed: first };
  const usual = types.find((type) => type === JSON_TYPE);
  return { choice: types, fallback: usual };
}
