import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { docComment, headComment } from '../../../src/kubernetes/generate/comments.ts';
import {
  camelCase,
  directoryName,
  fileName,
  literal,
  Names,
  pascalCase,
  propertyKey,
  typeName,
} from '../../../src/kubernetes/generate/names.ts';

/** Text of any kind, and text made of what ends comments and strings. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.constantFrom('*', '/', '\\', "'", '"', '`', '$', '{', '\n', '\r', '\u2028', '@ts-', ' ', 'a', '_', '1'))
    .map((parts) => parts.join('')),
);

const IDENTIFIER = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u;

describe('Whatever a text holds', () => {
  it('its literal is a text that is the same', () => {
    fc.assert(
      fc.property(text, (any) => {
        expect(new Function(`return ${literal(any)};`)()).toBe(any);
        expect(literal(any)).not.toMatch(/[\n\r\u2028\u2029]/);
      }),
    );
  });

  it('its comment is one comment', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('', '  '), (any, indent) => {
        expect(docComment(any, indent)).toMatch(/^(?: *\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?$/);
        expect(docComment(any)).not.toContain('@ts-');
        expect(headComment('client', any)).toMatch(/^\/\/ [^\n\r\u2028\u2029]*\n$/);
      }),
    );
  });

  it('its names are names, and as a property it is the same', () => {
    fc.assert(
      fc.property(text, (any) => {
        for (const name of [camelCase(any), pascalCase(any), typeName(any)]) expect(name).toMatch(IDENTIFIER);
        expect(fileName(any)).toMatch(/^[a-z0-9]+(-[a-z0-9]*)*$/);
        const object: object = new Function(`return { [${literal(any)}]: 0, ${propertyKey(any)}: 1 };`)();
        if (any !== '__proto__') expect(Object.entries(object)).toEqual([[any, 1]]);
      }),
    );
  });

  it('two of them have two names', () => {
    fc.assert(
      fc.property(
        fc.array(text),
        fc.array(fc.constantFrom('a', 'a2', 'aB', 'delete', 'delete_', 'b')),
        (some, more) => {
          const names = new Names(['taken']);
          const given = [...some.map(camelCase), ...more].map((one) => names.unique(one, 'B'));
          expect(new Set(given).size).toBe(given.length);
          for (const name of given) expect(() => new Function(`function ${name}() {}`)).not.toThrow();
        },
      ),
    );
  });
});

describe('The name of', () => {
  it.each([
    ['io.k8s.api.core.v1.Pod', 'CoreV1Pod'],
    ['io.k8s.api.networking.v1.IngressSpec', 'NetworkingV1IngressSpec'],
    ['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', 'MetaV1ObjectMeta'],
    ['io.k8s.apimachinery.pkg.util.intstr.IntOrString', 'IntstrIntOrString'],
    ['io.k8s.apimachinery.pkg.api.resource.Quantity', 'ResourceQuantity'],
    ['io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService', 'ApiregistrationV1APIService'],
    ['io.prsn.v1.MysqlDb', 'IoPrsnV1MysqlDb'],
    ['v1.Pod', 'V1Pod'],
    ['pet', 'Pet'],
  ])('the schema %s is %s', (schema, name) => {
    expect(typeName(schema)).toBe(name);
  });

  it.each([
    ['listCoreV1NamespacedPod', 'listCoreV1NamespacedPod'],
    ['ListPods', 'listPods'],
    ['list-all pods', 'listAllPods'],
    ['GET /pets/by id', 'getPetsById'],
    ['123', '_123'],
  ])('the operation %s is %s', (id, name) => {
    expect(camelCase(id)).toBe(name);
  });

  it.each([
    ['Petstore', 'petstore-client'],
    ['My Shop API', 'my-shop-api-client'],
    ['Zoo Client', 'zoo-client'],
    ['', 'api-client'],
    ['../../etc', 'etc-client'],
  ])('the directory for %j is %s', (title, name) => {
    expect(directoryName(title)).toBe(name);
  });
});
