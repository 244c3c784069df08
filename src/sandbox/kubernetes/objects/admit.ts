/** What happens to every object on its way into the storage: unknown fields, defaults, the kind's own rules, validation. */
import type { WriteOptions } from '../api.ts';
import { badRequest, invalid } from '../errors.ts';
import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../objects.ts';
import { applyDefaults } from '../schema/default.ts';
import { prune } from '../schema/prune.ts';
import { brokenRules } from '../schema/rules.ts';
import { validate } from '../schema/validate.ts';
import { validateMeta } from './validate-meta.ts';

/** Completes the object in place. Throws 422 with every complaint, or 400 for unknown fields with `fieldValidation=Strict`. */
export function admit(kind: Kind, object: KubeObject, old: KubeObject | undefined, options: WriteOptions): void {
  if ((kind.custom || kind.typeName !== undefined) && kind.schema !== undefined) {
    const unknown = prune(object, kind.schema).map((path) => `unknown field "${path}"`);
    if (unknown.length > 0 && options.fieldValidation === 'Strict') {
      throw badRequest(
        `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: strict decoding error: ${unknown.join(', ')}`,
      );
    }
    if (options.fieldValidation === 'Warn') for (const warning of unknown) options.warn(warning);
    if (kind.custom) applyDefaults(object, kind.schema);
  }
  kind.hooks.prepare?.(object, old);
  const { metadata: _metadata, ...content } = object;
  // In built-in kinds a field that must be there is one that is always written; their own rules say which of them may be empty.
  const complaints = validate(content, withoutMetadata(kind)).filter(
    ({ reason }) => kind.custom || reason !== 'FieldValueRequired',
  );
  if (!kind.custom && complaints[0] !== undefined) {
    // Built-in kinds are decoded into typed structures first, so a wrong type is a request that cannot be read.
    throw badRequest(
      `${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${complaints[0].field}: ${complaints[0].message}`,
    );
  }
  // A value of the wrong form is no matter for rules, which would only complain about it again.
  const broken = kind.custom && complaints.length === 0 ? brokenRules(object, old, kind.schema) : [];
  const all = [...validateMeta(kind, object), ...complaints, ...broken, ...(kind.hooks.validate?.(object, old) ?? [])];
  if (all.length > 0) throw invalid(kind.group, kind.kind, object.metadata.name, all);
}

/** Metadata has rules of its own; a custom schema may only narrow the name, which is checked there. */
function withoutMetadata(kind: Kind): Kind['schema'] {
  if (kind.schema === undefined) return undefined;
  const { metadata: _metadata, ...properties } = kind.schema.properties ?? {};
  return { ...kind.schema, properties, required: (kind.schema.required ?? []).filter((name) => name !== 'metadata') };
}
