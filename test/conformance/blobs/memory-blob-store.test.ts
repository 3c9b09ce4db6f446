import { describe } from 'vitest';
import { MemoryBlobStore } from '../../../agent/ports/blob-store-memory.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { blobStoreSuite, type OpenedStore } from './blob-store.suite.ts';
import { MiB } from './content.ts';
import { roomSuite } from './room.suite.ts';

async function openStore(): Promise<OpenedStore> {
  const clock = new VirtualClock();
  const store = new MemoryBlobStore({ clock, quotaBytes: 10 * MiB });
  return { store, clock, damage: async (digest, position) => store.damage(digest, position), dispose: async () => {} };
}

describe('MemoryBlobStore', () => {
  blobStoreSuite('MemoryBlobStore', openStore);
});

describe('MemoryBlobStore that fills up', () => {
  roomSuite('MemoryBlobStore', openStore);
});
