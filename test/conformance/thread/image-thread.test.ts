// The thread of the bytes starts where it is told or says which setting is wrong, serves the registry by what the main thread
// knows, and is not missed in silence when it is gone.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newIdentity } from '../../../agent/adapters/libp2p/identity.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import type { RegistryBackend } from '../../../agent/services/images/registry-backend.ts';
import { type ImageThread, type ImageThreadOptions, startImageThread } from '../../../agent/start-image-thread.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { waitFor } from '../../framework/wait.ts';
import { digestOf } from '../blobs/content.ts';

const loopback = { address: '127.0.0.1', port: 0 };
const ends: (() => Promise<unknown>)[] = [];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shoal-thread-'));
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await rm(directory, { recursive: true, force: true });
});

async function started(options: Partial<Omit<ImageThreadOptions, 'secure'>> = {}): Promise<ImageThread> {
  const { privateKey } = await newIdentity();
  const thread = await startImageThread({
    directory: join(directory, 'images'),
    quotaBytes: 64 * 1_024 ** 2,
    reserveBytes: 0,
    privateKey,
    pieces: loopback,
    registry: loopback,
    mirror: undefined,
    secure: undefined,
    proxies: {},
    logLevel: 'info',
    log: silentLog,
    ...options,
  });
  ends.push(() => thread.stop());
  return thread;
}

/** A mesh that knows nothing, but for what a test says. */
function backendOf(known: Partial<RegistryBackend>): RegistryBackend {
  const unknown = async () => undefined;
  const refuse = async () => {
    throw new ShoalError('forbidden', 'Nothing can be changed here.');
  };
  return {
    authenticate: async () => undefined,
    resolve: unknown,
    manifest: refuse,
    putManifest: refuse,
    deleteTag: refuse,
    deleteManifest: refuse,
    tags: unknown,
    referrers: async () => [],
    repositories: async () => ({ repositories: [], hasMore: false }),
    blobSize: unknown,
    wantBlob: unknown,
    admitUpload: refuse,
    uploaded: refuse,
    deleteBlob: refuse,
    ...known,
  };
}

const urlOf = ({ registryAddress }: ImageThread) => `http://127.0.0.1:${registryAddress?.port}/v2`;

describe('the image thread', () => {
  it('serves a blob that the main thread knows of, and tells it when the client is gone', async () => {
    const thread = await started();
    const bytes = Buffer.from('a layer');
    const digest = await thread.blobs.write(bytes);
    const asked: string[] = [];
    const gone: string[] = [];
    const wantBlob: RegistryBackend['wantBlob'] = async (repository, wanted, signal) => {
      asked.push(`${repository} ${wanted}`);
      signal.addEventListener('abort', () => gone.push(repository));
      return wanted === digest ? bytes.length : undefined;
    };
    thread.serveBackend(backendOf({ wantBlob }));
    const answer = await fetch(`${urlOf(thread)}/team/app/blobs/${digest}`);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
    expect(asked).toEqual([`team/app ${digest}`]);
    await waitFor('the end of the request', () => gone.includes('team/app'));
    const absent = await fetch(`${urlOf(thread)}/team/other/blobs/${digestOf(Buffer.from('other'))}`);
    expect(absent.status).toBe(404);
  });

  it('answers with what the main thread refuses', async () => {
    const thread = await started();
    thread.serveBackend(backendOf({}));
    const answer = await fetch(`${urlOf(thread)}/team/app/blobs/uploads/`, { method: 'POST' });
    expect(answer.status).toBe(403);
  });

  it('keeps what it has over a restart', async () => {
    const thread = await started();
    const digest = await thread.blobs.write(Buffer.from('kept'));
    await thread.stop();
    await expect(thread.blobs.list()).rejects.toMatchObject({ code: 'not-ready' });
    const again = await started();
    expect(await again.blobs.list()).toMatchObject([{ digest, isComplete: true }]);
  });

  it('takes no more requests once it is told so, and works on otherwise', async () => {
    const thread = await started();
    thread.serveBackend(backendOf({}));
    expect((await fetch(`${urlOf(thread)}/`)).status).toBe(200);
    await thread.stopServing();
    await expect(fetch(`${urlOf(thread)}/`)).rejects.toThrow();
    expect(await thread.blobs.list()).toEqual([]);
  });

  it.each([
    ['pieces', 'SHOAL_PIECES_LISTEN'],
    ['registry', 'SHOAL_REGISTRY_LISTEN'],
    ['mirror', 'SHOAL_MIRROR_LISTEN'],
  ])('names the setting when the address of %s is taken', async (part, setting) => {
    const other = createServer().listen(0, '127.0.0.1');
    ends.push(async () => other.close());
    await waitFor('the other program', () => other.listening);
    const taken = { address: '127.0.0.1', port: (other.address() as AddressInfo).port };
    const error = await started({ [part]: taken }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ShoalError);
    expect(error).toMatchObject({ code: 'conflict', message: expect.stringContaining(setting) });
    expect(String(error)).toContain(`127.0.0.1:${taken.port}`);
  });

  it('does not start on a directory that cannot be used', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    await expect(started({ directory: join(file, 'images') })).rejects.toMatchObject({ code: 'not-stored' });
  });

  it('does not start when it breaks, and says why', async () => {
    await expect(started({ privateKey: new Uint8Array(3) })).rejects.toMatchObject({ code: 'internal' });
  });

  it('tells the log of the main thread what went wrong', async () => {
    const lines: [string, object][] = [];
    const log = { ...silentLog, error: (fields: object, message: string) => lines.push([message, fields]) };
    await started({ privateKey: new Uint8Array(3), log }).catch(() => undefined);
    expect(lines).toMatchObject([['a call from the other thread failed', { error: { type: 'Error' } }]]);
  });

  it('reports its own crash', async () => {
    const crashes: Error[] = [];
    const entry = new URL('crashing-thread.ts', import.meta.url);
    const thread = await started({ entry, onCrash: (error) => crashes.push(error) });
    expect(await thread.blobs.list()).toEqual([]);
    await writeFile(join(directory, 'images.crash'), '');
    await waitFor('the report', () => crashes.length === 1);
    expect(crashes[0]?.cause).toMatchObject({ message: 'a bug' });
    await expect(thread.blobs.list()).rejects.toMatchObject({ code: 'not-ready' });
  });

  it('reports a crash at once while it starts', async () => {
    const entry = new URL('no-such-thread.ts', import.meta.url);
    await expect(started({ entry })).rejects.toThrow('the image thread ended');
  });
});
