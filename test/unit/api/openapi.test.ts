import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { openApi } from './api-fixture.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
}
interface Method {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Record<string, { description: string }>;
}
interface Document {
  readonly openapi: string;
  readonly info: { title: string; version: string };
  readonly paths: Record<string, Record<string, Method>>;
  readonly components: { schemas: Record<string, object> };
}

async function served(): Promise<Document> {
  const { ask } = await openApi();
  return (await ask({ url: '/v1/openapi.json' })).json();
}

/** Shows that the document is an OpenAPI 3.1 one that tools can read: every reference leads somewhere by a name. */
it('is OpenAPI 3.1 with named schemas, and every reference resolves', async () => {
  const document = await served();
  expect(document.openapi).toBe('3.1.0');
  expect(document.info).toMatchObject({ title: 'Shoal', version: '1' });
  const names = Object.keys(document.components.schemas);
  for (const name of ['Problem', 'Group', 'App', 'Version', 'VersionSpec', 'Operation', 'Container', 'Host', 'Event']) {
    expect(names).toContain(name);
  }
  expect(names.filter((name) => /^(def|schema)-/.test(name))).toEqual([]);
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference);
  expect(references.length).toBeGreaterThan(50);
  const known = new Set(names.map((name) => `#/components/schemas/${name}`));
  expect(references.filter((reference) => !known.has(reference ?? ''))).toEqual([]);
  expect(JSON.stringify(document)).not.toContain('"$id"');
});

/** Shows that each route has a name of its own, its path parameters, and says what a failure looks like. */
it('every operation has a unique id, its path parameters and a problem', async () => {
  const { paths } = await served();
  const methods = Object.entries(paths).flatMap(([path, byMethod]) =>
    Object.values(byMethod).map((method) => ({ path, method })),
  );
  const ids = methods.map(({ method }) => method.operationId);
  expect(ids.length).toBeGreaterThan(40);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, method } of methods) {
    const named = (method.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(named.sort()).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort());
    expect(method.responses).toHaveProperty('default');
    for (const response of Object.values(method.responses)) expect(response.description).not.toBe('');
  }
});

it('documents the headers of changes', async () => {
  const { paths } = await served();
  const headers = (path: string, method: string) =>
    (paths[path]?.[method]?.parameters ?? []).filter((p) => p.in === 'header').map(({ name }) => name);
  expect(headers('/v1/tokens', 'post')).toEqual(['idempotency-key']);
  expect(headers('/v1/groups/{group}', 'put')).toEqual(['if-match']);
  expect(headers('/v1/groups/{group}', 'get')).toEqual([]);
});

it('is the one in the repository', async () => {
  const text = await readFile(new URL('../../../protocol/openapi.json', import.meta.url), 'utf8');
  expect(JSON.parse(text)).toEqual(await served());
});
