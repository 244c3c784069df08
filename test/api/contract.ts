import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonObject } from '../../src/model/index.ts';

interface Operation {
  /** Empty: everybody may. Absent: as the document says for all. */
  readonly security?: readonly JsonObject[];
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: JsonObject }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonObject }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: JsonObject }>> }>>;
}

export interface Contract {
  readonly operations: ReadonlyMap<string, Operation>;
  /** What is wrong with an answer, by the document; undefined: nothing, or the document does not know the route. */
  problem(
    method: string,
    path: string,
    answer: { status: number; body: unknown; headers: Headers },
  ): string | undefined;
}

/** Holds answers against an OpenAPI document. */
export function contractOf(document: JsonObject): Contract {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false });
  ajv.addSchema(document, 'document');
  // It is an OpenAPI document.
  const { paths } = document as unknown as { paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };
  const operations = new Map<string, Operation>();
  const matchers = Object.keys(paths).map((template) => {
    const literals = template.split('/').filter((part) => part !== '' && !part.startsWith('{')).length;
    const pattern = template.replaceAll(/\{(\w+)\}/g, (_, name) => (name === 'path' ? '.+' : '[^/]+'));
    return { template, literals, pattern: new RegExp(`^${pattern}/?$`) };
  });
  // The router prefers what is written out, too.
  matchers.sort((left, right) => right.literals - left.literals);
  for (const [template, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item))
      operations.set(`${method.toUpperCase()} ${template}`, operation);
  }
  const validators = new Map<string, ValidateFunction>();
  const pointer = (parts: readonly string[]) =>
    parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');

  return {
    operations,
    problem(method, path, { status, body, headers }) {
      const [plain = ''] = path.split('?');
      const found = matchers.find(
        ({ pattern, template }) => pattern.test(plain) && operations.has(`${method} ${template}`),
      );
      if (found === undefined) return undefined;
      const name = `${method} ${found.template}`;
      const responses = operations.get(name)?.responses ?? {};
      const response = responses[String(status)];
      if (status === 404 && response === undefined) return `${name} answered 404, which the document does not know.`;
      if (response === undefined) return `${name} answered ${status}, which the document does not know.`;
      const [media] = Object.keys(response.content ?? {});
      const type = (headers.get('content-type') ?? '').split(';')[0];
      if (media !== 'application/json') return undefined;
      if (type !== media) return `${name} answered ${type} with ${status}.`;
      if (/(?:include|exclude)_attributes=/.test(path) && status < 300) return undefined;
      const at = [
        'paths',
        found.template,
        method.toLowerCase(),
        'responses',
        String(status),
        'content',
        media,
        'schema',
      ];
      const key = `document#/${pointer(at)}`;
      const validate = validators.get(key) ?? ajv.compile({ $ref: key });
      validators.set(key, validate);
      if (validate(body)) return undefined;
      return `${name} ${status}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body).slice(0, 1500)}`;
    },
  };
}
