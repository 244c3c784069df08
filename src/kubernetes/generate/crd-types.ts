/** Types for the SDK from CustomResourceDefinitions: an interface for each version that is served, and one for each part of it. */
import { PetrelError } from '../../model/index.ts';
import { at, type Cursor, isTrue, itemsOf, membersOf, requiredText, textAt } from '../openapi/cursor.ts';
import { docComment, headComment } from './comments.ts';
import { isObject, printDeclaration } from './declaration.ts';
import { literal, Names, pascalCase, propertyKey } from './names.ts';
import { schemaComment } from './object-types.ts';
import { type TypeScope, textOf, typeOf } from './types.ts';

export interface GeneratedTypes {
  readonly text: string;
  /** The names of the kinds' types. */
  readonly types: readonly string[];
}

/** `objects` may hold other kinds, too; they are left out. Throws `invalid` with file and pointer, and when there is no CRD. */
export function generateCrdTypes(objects: readonly Cursor[], file: string): GeneratedTypes {
  const definitions = objects.filter((one) => at(one, 'kind').value === 'CustomResourceDefinition');
  if (definitions.length === 0) {
    throw new PetrelError(
      'invalid',
      `${file} holds no CustomResourceDefinition. Give a file with one, or print one with: kubectl get crd NAME -o yaml`,
    );
  }
  const names = new Names(['KubernetesObject', 'ObjectMeta']);
  const kinds = definitions.map((definition) => printDefinition(definition, names));
  const crds = definitions.map((definition) => requiredText(at(definition, 'metadata', 'name')));
  return {
    text: [
      `${headComment('types', crds.join(', '))}\n`,
      "import type { KubernetesObject, ObjectMeta } from 'petrel/sdk';\n\n",
      kinds.map(({ text }) => text).join('\n'),
    ].join(''),
    types: kinds.flatMap(({ types }) => types),
  };
}

function printDefinition(definition: Cursor, names: Names): GeneratedTypes {
  const spec = at(definition, 'spec');
  const group = requiredText(at(spec, 'group'));
  const kind = requiredText(at(spec, 'names', 'kind'));
  const versions = servedVersions(spec);
  const printed = versions.map((version) => {
    const name = names.unique(`${pascalCase(kind)}${pascalCase(version.name)}`, pascalCase(group));
    return { name, stored: version.stored, text: printVersion(version, name, kind, `${group}/${version.name}`, names) };
  });
  const stored = printed.find((one) => one.stored);
  const alias = stored === undefined ? undefined : names.unique(pascalCase(kind), pascalCase(group));
  const short =
    alias === undefined
      ? []
      : [`${docComment(`A ${kind} in the version that is stored.`)}export type ${alias} = ${stored?.name};\n`];
  return {
    text: [...printed.map(({ text }) => text), ...short].join('\n'),
    types: [...printed.map(({ name }) => name), ...(alias === undefined ? [] : [alias])],
  };
}

interface Version {
  readonly name: string;
  readonly stored: boolean;
  readonly schema: Cursor;
}

/** Of apiextensions.k8s.io/v1, and of v1beta1, whose schema could stand once for all versions. */
function servedVersions(spec: Cursor): readonly Version[] {
  const shared = at(spec, 'validation', 'openAPIV3Schema');
  const listed = itemsOf(at(spec, 'versions')).filter((one) => at(one, 'served').value !== false);
  if (listed.length === 0 && at(spec, 'version').value !== undefined) {
    return [{ name: requiredText(at(spec, 'version')), stored: true, schema: shared }];
  }
  if (listed.length === 0) {
    throw new PetrelError(
      'invalid',
      `${spec.file}: "${spec.pointer}/versions" names no version that is served, so there are no types to print.`,
    );
  }
  return listed.map((one) => {
    const own = at(one, 'schema', 'openAPIV3Schema');
    const schema = own.value === undefined && shared.value !== undefined ? shared : own;
    return { name: requiredText(at(one, 'name')), stored: isTrue(at(one, 'storage')), schema };
  });
}

/** What every object has is the SDK's; of the rest, what has fields of its own gets a name of its own. */
function printVersion({ schema }: Version, name: string, kind: string, apiVersion: string, names: Names): string {
  const scope: TypeScope = { root: schema, circular: new Set(), nameOf: () => undefined };
  const required = new Set(itemsOf(at(schema, 'required')).flatMap((one) => textAt(one) ?? []));
  const parts: string[] = [];
  const lines = membersOf(at(schema, 'properties'))
    .filter(([property]) => !['apiVersion', 'kind', 'metadata'].includes(property))
    .map(([property, part]) => {
      const inline = typeOf(scope, part, { indent: '' });
      let type = textOf(typeOf(scope, part, { indent: '  ' }));
      if (isObject(inline)) {
        type = names.unique(`${name}${pascalCase(property)}`);
        const own = docComment(textAt(at(part, 'description')) ?? `The ${property} of a ${kind}.`);
        parts.push(printDeclaration(type, inline, own));
      }
      const optional = required.has(property) ? '' : '?';
      return `${schemaComment(part, '  ')}  ${propertyKey(property)}${optional}: ${type};\n`;
    });
  const comment = docComment(textAt(at(schema, 'description')) ?? `A ${kind} of ${apiVersion}.`);
  const body = [
    `  readonly apiVersion: ${literal(apiVersion)};\n`,
    `  readonly kind: ${literal(kind)};\n`,
    '  readonly metadata: ObjectMeta;\n',
    ...lines,
  ];
  return [`${comment}export interface ${name} extends KubernetesObject {\n${body.join('')}}\n`, ...parts].join('\n');
}
