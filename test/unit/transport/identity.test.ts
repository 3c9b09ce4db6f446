import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadIdentity, newIdentity } from '../../../agent/adapters/libp2p/identity.ts';
import type { HostId } from '../../../protocol/ids.ts';

describe('the identity of a host', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shoal-identity-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is made once, readable by its owner only, and stays the same', async () => {
    const path = join(folder, 'identity.key');
    const first = await loadIdentity(path);
    expect((await loadIdentity(path)).hostId).toBe(first.hostId);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('is not replaced when its file is damaged', async () => {
    const path = join(folder, 'identity.key');
    await writeFile(path, 'damaged');
    await expect(loadIdentity(path)).rejects.toThrow();
  });

  it('signs so that anybody who knows the host id can check it', async () => {
    const [a, b] = [await newIdentity(), await newIdentity()];
    const bytes = Buffer.from('record');
    const signature = await a.sign(bytes);
    expect(await b.verify(a.hostId, bytes, signature)).toBe(true);
    expect(await b.verify(b.hostId, bytes, signature)).toBe(false);
    expect(await b.verify(a.hostId, Buffer.from('recorD'), signature)).toBe(false);
    expect(await b.verify(a.hostId, bytes, new Uint8Array(3))).toBe(false);
    expect(await b.verify('nobody' as HostId, bytes, signature)).toBe(false);
  });
});
