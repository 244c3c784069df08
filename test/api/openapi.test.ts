import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/index.ts';
import { TYPES, typesOf } from '../client/generate.ts';
import { PAGE, pageOf } from './reference.ts';
import { type House, openHouse } from './support.ts';

let house: House;
let document: JsonObject;
beforeAll(async () => {
  house = await openHouse({});
  document = (await house.ask('GET', '//openapi.json')).body;
});
afterAll(() => house.stop());

describe('the OpenAPI document', () => {
  it('is of OpenAPI 3.1, with an id for every operation and a schema for every name', () => {
    expect(document.openapi).toBe('3.1.0');
    const paths = document.paths as Record<string, Record<string, JsonObject>>; // an OpenAPI document
    const ids = Object.values(paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(80);
    const { schemas } = document.components as { schemas: Record<string, JsonObject> }; // likewise
    const named = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(named.filter((name) => schemas[name ?? ''] === undefined)).toEqual([]);
    for (const [path, item] of Object.entries(paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters } of Object.values(item)) {
        const said = (parameters as readonly JsonObject[]).filter((parameter) => parameter.in === 'path'); // likewise
        expect(said.map(({ name }) => name)).toEqual(inPath);
      }
    }
  });

  it('has every route that there is, but for what monitoring asks for and the root', () => {
    const { paths } = document as unknown as { paths: Record<string, Record<string, JsonObject>> }; // likewise
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace(/^\/(?:api|auth|stream)\/v1/, '')}`),
    );
    const known = new Set(described.map((key) => key.replace('{path}', '*').replace(/\{\w+\}/g, ':')));
    const missing = house.server().routes.filter((key) => !known.has(key));
    expect(missing).toEqual(['GET /', 'GET /healthz', 'GET /metrics', 'GET /openapi.json', 'GET /readyz']);
  });

  it('has schemas that are schemas', () => {
    const ajv = new Ajv2020({ strict: false });
    const { schemas } = document.components as { schemas: Record<string, JsonObject> }; // an OpenAPI document
    for (const [name, schema] of Object.entries(schemas))
      expect([name, ajv.validateSchema(schema)]).toEqual([name, true]);
  });

  it('is what docs/api.md says; `npm run docs:api` writes it anew', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(pageOf(document));
  });

  it('is what the types of the client are made of; `npm run docs:api` writes them anew', () => {
    expect(readFileSync(TYPES, 'utf8')).toBe(typesOf(document));
  });
});
