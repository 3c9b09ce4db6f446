import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseSse, type SseMessage } from '../../../agent/cli/client/sse.ts';
import { parseApiUrls, resolveTarget } from '../../../agent/cli/client/target.ts';
import { run } from '../../../agent/cli/run.ts';
import { fakeOutside } from './fake-outside.ts';

async function messages(chunks: readonly string[], maxChars = 1_000): Promise<SseMessage[]> {
  const all: SseMessage[] = [];
  for await (const message of parseSse(Readable.from(chunks), maxChars)) all.push(message);
  return all;
}

describe('server-sent events', () => {
  const stream = ': hello\n\nevent: operation\nid: 7\ndata: {"a":\ndata: 1}\n\ndata:x\r\n\r\nevent: end\ndata: {}\n\n';
  const expected = [
    { event: 'operation', data: '{"a":\n1}', id: '7' },
    { event: 'message', data: 'x', id: '7' },
    { event: 'end', data: '{}', id: '7' },
  ];

  test('are the same however the bytes are cut', async () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 0, max: stream.length }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(cuts, async (positions) => {
        const edges = [0, ...positions.sort((a, b) => a - b), stream.length];
        const chunks = edges.slice(1).map((end, at) => stream.slice(edges[at], end));
        expect(await messages(chunks.filter((chunk) => chunk !== ''))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test('an unfinished message is dropped, and one without an end is an error', async () => {
    expect(await messages(['data: half\n'])).toEqual([]);
    await expect(messages(['data: '.padEnd(2_000, 'x')])).rejects.toThrow(RangeError);
    await expect(messages(Array.from({ length: 300 }, () => 'data: 0123456789\n'))).rejects.toThrow(RangeError);
  });
});

describe('which mesh is meant', () => {
  let home: string;
  let env: Record<string, string>;
  const noAgent = () => Promise.resolve(0);
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'shoal-cli-'));
    env = { HOME: home };
    writeFileSync(join(home, 'token'), 'shoal_env\n');
  });
  afterEach(() => rmSync(home, { recursive: true }));
  const cli = (words: readonly string[], input = '') => run(words, fakeOutside({ env, input }), noAgent);
  const config = () => join(home, '.config/shoal/config.yaml');

  test('a context added by pipe keeps the token in a private file, not in the configuration', async () => {
    expect(
      await cli(['context', 'add', 'prod', '--api', 'h1:7420,http://h2:7420', '--token-stdin'], 'shoal_secret\n'),
    ).toBe(0);
    expect(statSync(config()).mode & 0o777).toBe(0o600);
    expect(readFileSync(config(), 'utf8')).not.toContain('shoal_secret');
    const target = await resolveTarget({}, env);
    expect(target.urls.map((url) => url.origin)).toEqual(['http://h1:7420', 'http://h2:7420']);
    expect(target).toMatchObject({ token: 'shoal_secret', source: 'context prod' });
    expect(statSync(join(home, '.config/shoal/tokens/prod')).mode & 0o777).toBe(0o600);
  });

  test('flags win over the environment, and the environment over the current context', async () => {
    await cli(['context', 'add', 'prod', '--api', 'http://prod:1', '--token-stdin'], 'shoal_prod');
    const tokenFile = join(home, 'token');
    const inEnvironment = { ...env, SHOAL_API: 'http://env:1', SHOAL_TOKEN_FILE: tokenFile };
    const origin = async (flags: object, from = inEnvironment) => (await resolveTarget(flags, from)).urls[0]?.origin;
    expect(await origin({})).toBe('http://env:1');
    expect(await origin({ api: 'http://flag:1' })).toBe('http://flag:1');
    expect(await origin({ context: 'prod' })).toBe('http://prod:1');
    expect((await resolveTarget({ context: 'prod' }, inEnvironment)).token).toBe('shoal_prod');
    expect((await resolveTarget({}, inEnvironment)).token).toBe('shoal_env');
  });

  test('contexts are used, listed and forgotten by name', async () => {
    const tokenFile = join(home, 'token');
    await cli(['context', 'add', 'a', '--api', 'http://a:1', '--token-file', tokenFile]);
    await cli(['context', 'add', 'b', '--api', 'http://b:1', '--token-file', tokenFile, '--no-use']);
    expect((await resolveTarget({}, env)).source).toBe('context a');
    expect(await cli(['context', 'use', 'b'])).toBe(0);
    expect((await resolveTarget({}, env)).source).toBe('context b');
    expect(await cli(['context', 'rm', 'b'])).toBe(0);
    expect((await resolveTarget({}, env)).source).toBe('this host');
    expect(await cli(['context', 'use', 'b'])).toBe(3);
  });

  test('a broken configuration, a token file that is not there and a bad address are wrong usage', async () => {
    await expect(resolveTarget({ tokenFile: join(home, 'none') }, env)).rejects.toMatchObject({ exitCode: 2 });
    await expect(resolveTarget({ context: 'none' }, env)).rejects.toMatchObject({ exitCode: 2 });
    expect(() => parseApiUrls(['ftp://x'])).toThrow('not an API address');
    expect(() => parseApiUrls(['http://user:secret@x'])).toThrow('no password');
    await cli(['context', 'add', 'a', '--api', 'http://a:1', '--token-stdin'], 'shoal_a');
    writeFileSync(config(), 'contexts: {a: {api: 7}}');
    await expect(resolveTarget({}, env)).rejects.toMatchObject({ exitCode: 2 });
  });
});
