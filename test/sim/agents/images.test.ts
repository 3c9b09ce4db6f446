import { describe, expect, it } from 'vitest';
import type { TagRecord } from '../../../protocol/schemas/image.ts';
import {
  blobsOf,
  holdersOf,
  MANIFEST_TYPE,
  pulling,
  push,
  pushing,
  pushingBlob,
  putUpstream,
  sha256,
  testImage,
} from './image-scenario.ts';
import { MiB, onMesh, seeds } from './scenario.ts';

const image = testImage('one', 3 * MiB, 5 * MiB);

describe('a pushed image', () => {
  it.each(seeds(3))('can be pulled from every other host once the one that took it is lost (seed %i)', async (seed) => {
    await onMesh({ hosts: 5, seed }, async (mesh) => {
      await push(mesh, 1, image, 'team/app', '1');
      mesh.kill(1);
      for (const host of mesh.running) await mesh.settle(pulling(host, 'team/app', '1'));
    });
  });

  it.each(seeds(6))('survives its host also when two others have just died (seed %i)', async (seed) => {
    await onMesh({ hosts: 5, seed }, async (mesh) => {
      const fresh = testImage(`fresh ${seed}`, MiB);
      mesh.kill(4);
      mesh.kill(5);
      await mesh.advance(15_000);
      await push(mesh, 1, fresh, 'team/app', '1');
      mesh.kill(1);
      await mesh.advance(15_000);
      for (const host of mesh.running) await mesh.settle(pulling(host, 'team/app', '1'));
    });
  });

  it('is on three hosts before long, and on three again when one of them is lost for good', async () => {
    await onMesh({ hosts: 6 }, async (mesh) => {
      await push(mesh, 1, image, 'team/app', '1');
      const pinned = (digest: (typeof image)['digest']) =>
        mesh.running.filter(({ layers }) => layers.stat(digest)?.isComplete && layers.stat(digest)?.isPinned);
      const areKept = () => blobsOf(image).every((digest) => pinned(digest).length === 3);
      await mesh.until('three pinned copies of each blob', areKept);
      const [lost] = pinned(image.digest);
      mesh.kill(lost?.number ?? 0);
      await mesh.until('three copies of each blob on the others', areKept, 180_000);
    });
  });

  it('that two hosts push under one tag in a partition is one image after the heal, the other in the history', async () => {
    await onMesh({ hosts: 4 }, async (mesh) => {
      const other = testImage('other', MiB);
      mesh.partition([1, 2], [3, 4]);
      await mesh.advance(15_000);
      await push(mesh, 1, image, 'team/app', '1');
      await push(mesh, 3, other, 'team/app', '1');
      mesh.heal();
      const tags = () => mesh.hosts.map(({ platform }) => platform.images.image('team/app', '1')?.digest);
      await mesh.until('one view', () => new Set(tags()).size === 1 && tags()[0] !== undefined);
      expect(tags()[0]).toBe(other.digest);
      const isRemembered = () => mesh.host(1).disk.catalog.includes('catalog/history/tags/team/app/1/');
      await mesh.until('the loser in the history', isRemembered);
      for (const host of mesh.hosts) {
        await mesh.settle(pulling(host, 'team/app', other.digest));
        await mesh.settle(pulling(host, 'team/app', image.digest));
      }
    });
  });

  it('replaces another under its tag, which remembers it', async () => {
    await onMesh({ hosts: 3 }, async (mesh) => {
      const other = testImage('other', MiB);
      await push(mesh, 1, image, 'team/app', '1');
      await push(mesh, 2, other, 'team/app', '1');
      await mesh.advance(500);
      const detail = mesh.host(3).platform.images.image('team/app', '1');
      expect(detail?.digest).toBe(other.digest);
      expect(detail?.history).toMatchObject([{ digest: image.digest } satisfies Partial<TagRecord>]);
    });
  });

  it('whose manifest names a blob that is not there is refused, and nothing is written', async () => {
    await onMesh({ hosts: 3 }, async (mesh) => {
      const put = { repository: 'team/app', tag: '1', digest: image.digest, mediaType: '', bytes: image.manifest };
      const refused = mesh.settle(mesh.host(1).services.registry.putManifest(put));
      await expect(refused).rejects.toMatchObject({ code: 'blob-unknown' });
      expect(mesh.host(1).platform.images.repositories()).toEqual([]);
    });
  });

  it('over the quota of its namespace is refused', async () => {
    await onMesh({ hosts: 3 }, async (mesh) => {
      await mesh.run(1, { kind: 'namespace.put', namespace: 'team', quotaBytes: 4 * MiB });
      await mesh.advance(500);
      const refused = mesh.settle(pushing(mesh.host(2), image, 'team/app', '1'));
      await expect(refused).rejects.toMatchObject({ code: 'quota-exceeded' });
    });
  });
});

describe('an image of another registry', () => {
  const name = 'registry.test/library/thing';

  it.each(seeds(3))('leaves it once, however many hosts ask at once (seed %i)', async (seed) => {
    await onMesh({ hosts: 12, seed, latencyMs: 1 }, async (mesh) => {
      putUpstream(mesh, image, 'library/thing', '1');
      await mesh.settle(Promise.all(mesh.hosts.map((host) => pulling(host, name, '1'))));
      const sizes = [image.config, ...image.layers].reduce((sum, bytes) => sum + bytes.length, 0);
      expect(mesh.upstream.sentBytes).toBe(sizes);
      const blobs = mesh.upstream.requests.filter(({ kind }) => kind === 'blob');
      expect(blobs).toHaveLength(3);
      expect(mesh.upstream.requests.filter(({ kind }) => kind !== 'blob')).toHaveLength(2);
    });
  });

  it('fails with the reason when that registry is down, and comes when it is back', async () => {
    await onMesh({ hosts: 3 }, async (mesh) => {
      putUpstream(mesh, image, 'library/thing', '1');
      mesh.upstream.setDown('https://registry.test', true);
      const failed = mesh.settle(pulling(mesh.host(1), name, '1'));
      await expect(failed).rejects.toMatchObject({ code: 'upstream-unavailable' });
      mesh.upstream.setDown('https://registry.test', false);
      await mesh.advance(2_000);
      await mesh.settle(pulling(mesh.host(1), name, '1'));
    });
  });

  it.each(seeds(3))(
    'fails when that registry sends other bytes, and comes once it does not (seed %i)',
    async (seed) => {
      await onMesh({ hosts: 4, seed, latencyMs: 1 }, async (mesh) => {
        putUpstream(mesh, image, 'library/thing', '1');
        const [layer = new Uint8Array()] = image.layers;
        mesh.upstream.forgeBlob(sha256(layer));
        const failed = mesh.settle(Promise.allSettled(mesh.hosts.map((host) => pulling(host, name, '1'))));
        for (const { status } of await failed) expect(status).toBe('rejected');
        await mesh.advance(65_000);
        expect(mesh.upstream.requests.filter(({ name }) => name.endsWith(sha256(layer)))).toHaveLength(1);
        putUpstream(mesh, image, 'library/thing', '1');
        for (const host of mesh.hosts) await mesh.settle(pulling(host, name, '1'));
      });
    },
  );

  it.each(seeds(4))(
    'of which a layer is missing there fails, and nobody goes on asking for it (seed %i)',
    async (seed) => {
      await onMesh({ hosts: 3, seed }, async (mesh) => {
        mesh.upstream.addManifest('https://registry.test', 'library/thing', '1', image.manifest, MANIFEST_TYPE);
        const failed = await mesh.settle(Promise.allSettled(mesh.hosts.map((host) => pulling(host, name, '1'))));
        expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
        await mesh.advance(5_000);
        const before = mesh.upstream.requests.length;
        await mesh.advance(60_000);
        expect(mesh.upstream.requests).toHaveLength(before);
      });
    },
  );

  it.each(seeds(4))(
    'comes to all but the host whose disk is full, whatever that is in charge of (seed %i)',
    async (seed) => {
      await onMesh({ hosts: 5, seed, latencyMs: 1 }, async (mesh) => {
        putUpstream(mesh, image, 'library/thing', '1');
        const [layer = new Uint8Array()] = image.layers;
        const keys = [`repositories/${name}`, `blobs/${sha256(layer)}`];
        const full = new Set(keys.map((key) => mesh.stewardOf(key)));
        for (const number of full) mesh.host(number).layers.setQuota(0);
        const pulls = mesh.hosts.map((host) =>
          pulling(host, name, '1').then(
            () => 'pulled',
            (error) => error.code,
          ),
        );
        const ended = await mesh.settle(Promise.all(pulls));
        expect(ended).toEqual(mesh.hosts.map(({ number }) => (full.has(number) ? 'not-stored' : 'pulled')));
        const blobs = mesh.upstream.requests.filter(({ kind }) => kind === 'blob');
        expect(blobs).toHaveLength(3);
      });
    },
  );

  it('is still to be had from the mesh when that registry is gone', async () => {
    await onMesh({ hosts: 4 }, async (mesh) => {
      putUpstream(mesh, image, 'library/thing', '1');
      await mesh.settle(pulling(mesh.host(1), name, '1'));
      mesh.upstream.setDown('https://registry.test', true);
      await mesh.advance(10_000);
      for (const host of mesh.hosts) await mesh.settle(pulling(host, name, '1'));
    });
  });

  it('comes with the login that the mesh keeps, which its catalog does not show', async () => {
    await onMesh({ hosts: 3 }, async (mesh) => {
      putUpstream(mesh, image, 'library/thing', '1');
      mesh.upstream.requireLogin('https://registry.test', { username: 'bot', password: 'secret-7' });
      const denied = mesh.settle(pulling(mesh.host(1), name, '1'));
      await expect(denied).rejects.toMatchObject({ code: 'upstream-denied' });
      const sealedPassword = mesh.host(1).platform.images.seal('secret-7', 'registry.test');
      await mesh.run(1, { kind: 'upstream.put', host: 'registry.test', username: 'bot', sealedPassword });
      await mesh.advance(500);
      await mesh.settle(pulling(mesh.host(2), name, '1'));
      expect(mesh.host(3).platform.images.upstreams()).toMatchObject([{ username: 'bot', hasLogin: true }]);
      expect(JSON.stringify(mesh.host(3).platform.images.upstreams())).not.toContain('secret');
    });
  });

  it.each(seeds(4))('comes to all although the host that fetches it dies half-way (seed %i)', async (seed) => {
    const large = testImage('large', 24 * MiB);
    await onMesh({ hosts: 5, seed, latencyMs: 1, lineBytesPerS: 8 * MiB }, async (mesh) => {
      putUpstream(mesh, large, 'library/thing', '1');
      const layer = large.layers[0] ?? new Uint8Array();
      const tracker = mesh.stewardOf(`blobs/${sha256(layer)}`);
      const others = mesh.hosts.filter(({ number }) => number !== tracker);
      const pulls = Promise.all(others.map((host) => pulling(host, name, '1')));
      pulls.catch(() => undefined);
      await mesh.until('a third of it', () => mesh.upstream.sentBytes > layer.length / 3);
      mesh.kill(tracker);
      await mesh.settle(pulls);
      expect(mesh.upstream.sentBytes).toBeLessThan(1.7 * layer.length);
    });
  });
});

describe('a blob that no manifest names', () => {
  it.each(seeds(3))('is nowhere once it was deleted, right after it was pushed (seed %i)', async (seed) => {
    await onMesh({ hosts: 5, seed, latencyMs: 1, lineBytesPerS: 8 * MiB }, async (mesh) => {
      const { registry } = mesh.host(1).services;
      const [layer = new Uint8Array()] = image.layers;
      const digest = sha256(layer);
      await mesh.settle(pushingBlob(mesh.host(1), 'team/app', layer));
      await mesh.settle(registry.deleteBlob('team/app', digest));
      for (const host of mesh.hosts) {
        const wanted = host.services.registry.wantBlob('team/app', digest, new AbortController().signal);
        expect(await mesh.settle(wanted)).toBeUndefined();
      }
      await expect(mesh.settle(registry.deleteBlob('team/app', digest))).rejects.toMatchObject({ code: 'not-found' });
      await mesh.advance(20_000);
      expect(mesh.hosts.filter(({ layers }) => layers.stat(digest) !== undefined)).toEqual([]);
    });
  });
});

describe('garbage', () => {
  it('goes, and what a tag or a version of an app needs stays', async () => {
    await onMesh({ hosts: 3 }, async (mesh) => {
      const [kept, used, left] = [testImage('kept', MiB), testImage('used', MiB), testImage('left', MiB)];
      await push(mesh, 1, kept, 'team/app', 'kept');
      await push(mesh, 1, used, 'team/app', 'used');
      await push(mesh, 1, left, 'team/app', 'left');
      const resolvedImage = `team/app@${used.digest}`;
      await mesh.run(1, { kind: 'app.put', group: 'team', app: 'web' });
      const spec = { image: 'team/app:used', memoryBytes: 64 * MiB };
      await mesh.run(1, { kind: 'version.create', group: 'team', app: 'web', spec, resolvedImage });
      await mesh.run(1, { kind: 'image.untag', repository: 'team/app', tag: 'used' });
      await mesh.run(2, { kind: 'image.untag', repository: 'team/app', tag: 'left' });
      await mesh.advance(70_000);
      const hosts = mesh.hosts.map(({ id }) => id);
      const { operationId = '' } = await mesh.run(3, { kind: 'image.gc', hosts, graceMs: 0 });
      expect(await mesh.finished(3, operationId)).toMatchObject({ state: 'succeeded' });
      await mesh.advance(20_000);
      expect(holdersOf(mesh, kept)).toHaveLength(3);
      expect(holdersOf(mesh, used)).toHaveLength(3);
      expect(mesh.hosts.flatMap(({ layers }) => layers.list().map(({ digest }) => digest))).not.toContain(left.digest);
      for (const layer of left.layers) expect(mesh.hosts.some(({ layers }) => layers.stat(sha256(layer)))).toBe(false);
    });
  });

  it('is what retention leaves: the newest tags and those that match stay', async () => {
    await onMesh({ hosts: 3 }, async (mesh) => {
      for (const tag of ['v1', 'a', 'b', 'c']) {
        await push(mesh, 1, testImage(tag, MiB), 'team/app', tag);
        await mesh.advance(1_000);
      }
      const retention = { keepLast: 2, keepTags: ['v*'] };
      await mesh.run(1, { kind: 'repository.put', repository: 'team/app', retention });
      const hosts = mesh.hosts.map(({ id }) => id);
      const { operationId = '' } = await mesh.run(1, { kind: 'image.gc', hosts });
      await mesh.finished(1, operationId);
      await mesh.advance(1_000);
      const tags = mesh
        .host(2)
        .platform.images.images('team/app')
        .flatMap(({ tags }) => tags);
      expect(tags.sort()).toEqual(['b', 'c', 'v1']);
    });
  });
});
