import { afterEach, describe, expect, it } from 'vitest';
import { newIdentity } from '../../../agent/adapters/libp2p/identity.ts';
import { makeCertificate } from '../../../agent/adapters/pieces/certificate.ts';
import { limits } from '../../../protocol/limits.ts';
import { errorCode, jsonOf, locationOf, newImage, OCI_MANIFEST, RegistryClient, randomBlob } from './client.ts';
import { type MemoryWorld, memoryWorld } from './world.ts';

let world: MemoryWorld;
afterEach(() => world.dispose());

const basic = (username: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
});
const authenticate = async (username: string, password: string) => {
  if (username === 'guest' && password === 'looks') return 'pull';
  return username === 'ann' && password === 'right:one' ? 'push' : undefined;
};

describe('a mirror of Docker Hub', () => {
  it('gives what Docker Hub has under a name, and nothing of the mesh', async () => {
    world = await memoryWorld({ role: 'hub-mirror' });
    const bytes = Buffer.from('{"schemaVersion":2}');
    const digest = world.backend.addUpstream('docker.io/library/nginx', 'latest', OCI_MANIFEST, bytes);
    world.backend.addUpstream('team/app', 'latest', OCI_MANIFEST, bytes);
    for (const path of ['/v2/library/nginx/manifests/latest', `/v2/library/nginx/manifests/${digest}?ns=docker.io`]) {
      expect((await world.client.ask('GET', path)).body.equals(bytes), path).toBe(true);
    }
    expect((await world.client.ask('GET', '/v2/team/app/manifests/latest')).status).toBe(404);
    expect((await world.client.ask('GET', '/v2/_catalog')).status).toBe(404);
    const blob = await world.store.write(randomBlob());
    expect((await world.client.ask('GET', `/v2/team/app/blobs/${blob}`)).status).toBe(200);
    expect(world.backend.calls.every(({ repository }) => repository.startsWith('docker.io/'))).toBe(true);
  });

  it('does not answer for other registries', async () => {
    world = await memoryWorld({ role: 'hub-mirror' });
    const answer = await world.client.ask('GET', '/v2/library/nginx/manifests/latest?ns=ghcr.io');
    expect([answer.status, errorCode(answer)]).toEqual([404, 'NAME_UNKNOWN']);
    expect(world.backend.calls).toEqual([]);
  });

  it('can only be read', async () => {
    world = await memoryWorld({ role: 'hub-mirror' });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      for (const path of ['/v2/', '/v2/a/blobs/uploads/', '/v2/a/manifests/b', '/v2/a/tags/list']) {
        const answer = await world.client.ask(method, path);
        expect([answer.status, errorCode(answer)], `${method} ${path}`).toEqual([405, 'UNSUPPORTED']);
      }
    }
    expect(world.backend.calls).toEqual([]);
  });
});

describe('a name', () => {
  it.each([
    { asked: 'team/app', repository: 'team/app' },
    { asked: 'app', repository: 'app' },
    { asked: 'manifests/tags/list', repository: 'manifests/tags/list' },
    { asked: 'a/blobs/uploads', repository: 'a/blobs/uploads' },
    { asked: 'docker.io/library/nginx', repository: 'docker.io/library/nginx' },
    { asked: 'docker.io/nginx', repository: 'docker.io/library/nginx' },
    { asked: 'index.docker.io/library/nginx', repository: 'docker.io/library/nginx' },
    { asked: 'GHCR.io/team/app', repository: 'ghcr.io/team/app' },
    { asked: '127.0.0.1:5001/team/app', repository: '127.0.0.1:5001/team/app' },
    { asked: '127.0.0.1%3A5001/team/app', repository: '127.0.0.1:5001/team/app' },
    { asked: 'library/nginx', ns: 'docker.io', repository: 'docker.io/library/nginx' },
    { asked: 'team/app', ns: 'registry.example:8443', repository: 'registry.example:8443/team/app' },
    { asked: 'app', ns: 'localhost', repository: 'localhost/app' },
  ])('$asked in $ns is $repository', async ({ asked, ns, repository }) => {
    world = await memoryWorld();
    world.backend.addUpstream(repository, 'latest', OCI_MANIFEST, Buffer.from('{}'));
    const query = ns === undefined ? '' : `?ns=${ns}`;
    expect((await world.client.ask('GET', `/v2/${asked}/manifests/latest${query}`)).status).toBe(200);
  });

  it('stays in links as the client wrote it', async () => {
    world = await memoryWorld();
    const repository = 'ghcr.io/team/app';
    for (const tag of ['a', 'b']) world.backend.addUpstream(repository, tag, OCI_MANIFEST, Buffer.from('{}'));
    const page = await world.client.ask('GET', '/v2/team/app/tags/list?n=1&ns=ghcr.io');
    const next = /<([^>]+)>/.exec(String(page.headers.link))?.[1] ?? '';
    expect(next).toBe('/v2/team/app/tags/list?n=1&last=a&ns=ghcr.io');
    expect(jsonOf(await world.client.ask('GET', next))).toEqual({ name: 'team/app', tags: ['b'] });
  });
});

describe('a listener with a login', () => {
  it('answers nobody without it, and anybody with it', async () => {
    world = await memoryWorld({ authenticate });
    for (const path of ['/v2/', '/v2/_catalog', '/v2/team/app/tags/list', '/nowhere']) {
      for (const headers of [
        {},
        basic('ann', 'wrong'),
        basic('', ''),
        { Authorization: 'Basic ?' },
        { Authorization: 'Bearer x' },
      ]) {
        const answer = await world.client.ask('GET', path, { headers });
        expect([answer.status, errorCode(answer)]).toEqual([401, 'UNAUTHORIZED']);
        expect(answer.headers['www-authenticate']).toBe('Basic realm="shoal"');
      }
    }
    expect(world.backend.calls).toEqual([]);
    const client = new RegistryClient(world.baseUrl, basic('ann', 'right:one'));
    expect((await client.ask('GET', '/v2/')).status).toBe(200);
    const image = await newImage(client, 'team/app');
    expect((await client.pushManifest('team/app', 'v1', image)).status).toBe(201);
  });

  it('lets a guest pull, and change nothing', async () => {
    world = await memoryWorld({ authenticate });
    const image = await newImage(new RegistryClient(world.baseUrl, basic('ann', 'right:one')), 'team/app');
    await new RegistryClient(world.baseUrl, basic('ann', 'right:one')).pushManifest('team/app', 'v1', image);
    const headers = basic('guest', 'looks');
    for (const path of ['/v2/', '/v2/team/app/manifests/v1', '/v2/team/app/tags/list', '/v2/_catalog'])
      expect((await world.client.ask('GET', path, { headers })).status, path).toBe(200);
    const before = world.backend.calls.length;
    for (const [method, path] of [
      ['POST', '/v2/team/app/blobs/uploads/'],
      ['PUT', '/v2/team/app/manifests/v2'],
      ['DELETE', '/v2/team/app/manifests/v1'],
      ['PATCH', '/v2/team/app/blobs/uploads/x'],
    ] as const) {
      const answer = await world.client.ask(method, path, { headers });
      expect([answer.status, errorCode(answer)], `${method} ${path}`).toEqual([403, 'DENIED']);
    }
    for (const path of ['/v2/docker.io/library/nginx/manifests/1', '/v2/10.0.0.7:8443/x/manifests/y']) {
      const answer = await world.client.ask('GET', path, { headers });
      expect([answer.status, errorCode(answer)], path).toEqual([403, 'DENIED']);
    }
    expect(world.backend.calls.length).toBe(before);
  });

  it('bounds the tries of an address, not those who were right before', async () => {
    world = await memoryWorld({ authenticate });
    const right = { headers: basic('ann', 'right:one') };
    expect((await world.client.ask('GET', '/v2/', right)).status).toBe(200);
    const guesses = Array.from({ length: limits.apiFailedLogins + 5 }, (_, i) => ({
      headers: basic('ann', String(i)),
    }));
    const statuses = await Promise.all(
      guesses.map(async (guess) => (await world.client.ask('GET', '/v2/', guess)).status),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(limits.apiFailedLogins);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    expect((await world.client.ask('GET', '/v2/', right)).status).toBe(200);
    // A stranger is refused even with a login that would be right, and heard again after a minute.
    const alike = { headers: { Authorization: basic('ann', 'right:one').Authorization.replace('Basic', 'basic') } };
    const refused = await world.client.ask('GET', '/v2/', alike);
    expect([refused.status, errorCode(refused), refused.headers['retry-after']]).toEqual([
      429,
      'TOOMANYREQUESTS',
      '60',
    ]);
    await world.clock.advance(60_000);
    expect((await world.client.ask('GET', '/v2/', alike)).status).toBe(200);
  });

  it('takes asking without a login for no failure', async () => {
    world = await memoryWorld({ authenticate });
    for (let i = 0; i < limits.apiFailedLogins + 5; i++) await world.client.ask('GET', '/v2/');
    expect((await world.client.ask('GET', '/v2/', { headers: basic('ann', 'right:one') })).status).toBe(200);
  });
});

describe('a listener with TLS', () => {
  it('can be pushed to and pulled from, and survives who speaks no TLS', async () => {
    const { privateKey } = await newIdentity();
    const { cert, key } = makeCertificate(privateKey, Date.now());
    world = await memoryWorld({ tls: { cert, key } });
    const image = await newImage(world.client, 'team/app');
    const put = await world.client.pushManifest('team/app', 'v1', image);
    expect((await world.client.ask('GET', locationOf(put))).body.equals(image.bytes)).toBe(true);
    expect((await world.client.raw('GET /v2/ HTTP/1.1\r\nHost: a\r\n\r\n')).text).not.toContain('200');
    expect((await world.client.ask('GET', '/v2/')).status).toBe(200);
  });

  it('is not opened with a certificate that is none', async () => {
    world = await memoryWorld();
    const options = { address: '127.0.0.1', port: 0, role: 'registry', tls: { cert: 'x', key: 'y' } } as const;
    await expect(world.registry.listen(options)).rejects.toMatchObject({ code: 'invalid-request' });
  });
});

describe('a registry', () => {
  it('listens at several addresses, and says when one is taken', async () => {
    world = await memoryWorld();
    const second = await world.registry.listen({ address: '127.0.0.1', port: 0, role: 'hub-mirror' });
    expect(world.registry.addresses()).toHaveLength(2);
    await expect(world.registry.listen({ ...second, role: 'registry' })).rejects.toMatchObject({ code: 'conflict' });
    expect(world.registry.addresses()).toHaveLength(2);
    expect((await new RegistryClient(`http://127.0.0.1:${second.port}`).ask('GET', '/v2/')).status).toBe(200);
  });
});
