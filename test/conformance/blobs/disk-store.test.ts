import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { DiskStore } from '../../../agent/adapters/blobs/disk-store.ts';
import { Layout } from '../../../agent/adapters/blobs/layout.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { blobStoreSuite, type OpenedStore } from './blob-store.suite.ts';
import { MiB } from './content.ts';
import { roomSuite } from './room.suite.ts';

async function openStore(): Promise<OpenedStore> {
  const directory = await mkdtemp(join(tmpdir(), 'shoal-blobs-'));
  const clock = new VirtualClock();
  const store = await DiskStore.open({ directory, quotaBytes: 10 * MiB, reserveBytes: 0, clock, log: silentLog });
  return {
    store,
    clock,
    damage: async (digest, position) => {
      const file = await open(new Layout(directory).blob(digest), 'r+');
      const byte = Buffer.alloc(1);
      await file.read(byte, 0, 1, position);
      await file.write(Buffer.of((byte[0] ?? 0) ^ 1), 0, 1, position);
      await file.close();
    },
    dispose: async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

describe('DiskStore', () => {
  blobStoreSuite('DiskStore', openStore);
});

describe('DiskStore that fills up', () => {
  roomSuite('DiskStore', openStore);
});
