/** What inspection finds wrong, in Orquesta's fields (orquesta.md, section 11). */
export interface Finding {
  readonly message: string;
  /** Where in the definition, e.g. `tasks.t1.next[0].publish[1]`. Null: the whole. */
  readonly spec_path: string | null;
  /** Which part of the schema, e.g. `properties.tasks.patternProperties.^\w+$.properties.action`. */
  readonly schema_path: string | null;
}

/** A finding in a text with expressions. */
export interface ExpressionFinding extends Finding {
  /** `yaql` or `jinja`; null for a text with both. */
  readonly type: string | null;
  readonly expression: string;
}

/** A place in the definition and the part of the schema that speaks of it. */
export interface Place {
  readonly spec: string;
  readonly schema: string;
}

export const ROOT: Place = { spec: '', schema: '' };

/** The place of a property of what stands at `parent`. */
export function property(parent: Place, name: string): Place {
  return {
    spec: parent.spec === '' ? name : `${parent.spec}.${name}`,
    schema: parent.schema === '' ? `properties.${name}` : `${parent.schema}.properties.${name}`,
  };
}

export const TASKS: Place = property(ROOT, 'tasks');

/** The place of a task. */
export function taskPlace(name: string): Place {
  return { spec: `${TASKS.spec}.${name}`, schema: `${TASKS.schema}.patternProperties.^\\w+$` };
}

/** The place of an item in the list at `parent`. */
export function item(parent: Place, index: number): Place {
  return { spec: `${parent.spec}[${index}]`, schema: `${parent.schema}.items` };
}

/** In Orquesta's order: by schema path, then by path. What is equal stays in its order. */
export function sorted<F extends Finding>(findings: readonly F[]): F[] {
  return [...findings].sort(
    (left, right) => compareText(left.schema_path, right.schema_path) || compareText(left.spec_path, right.spec_path),
  );
}

/** Null goes first. Python's order, but for characters beyond U+FFFF. */
export function compareText(left: string | null, right: string | null): number {
  const [one, two] = [left ?? '', right ?? ''];
  return one < two ? -1 : one > two ? 1 : 0;
}
