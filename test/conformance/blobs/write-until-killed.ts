import { DiskStore } from '../../../agent/adapters/blobs/disk-store.ts';
import { systemClock } from '../../../agent/adapters/system-clock.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { bodyOf, cut, digestOf, MiB, randomBytes } from './content.ts';

/**
 * Stores blobs for ever, by pieces, by pushes and whole, and says each piece and blob once it is acknowledged. Started by
 * `disk-store-restart.test.ts`, which kills it in the middle.
 */
const [directory = ''] = process.argv.slice(2);
const store = await DiskStore.open({
  directory,
  quotaBytes: 4_096 * MiB,
  reserveBytes: 0,
  clock: systemClock,
  log: silentLog,
});
const say = (...words: readonly unknown[]) => process.stdout.write(`${words.join(' ')}\n`);

async function byPieces(): Promise<void> {
  const bytes = randomBytes(5 * 256 * 1024 + 1);
  const digest = digestOf(bytes);
  await store.open(digest, bytes.length);
  for (const { piece, part, sha256 } of cut(bytes).reverse()) {
    await store.putPiece(digest, piece, part, sha256);
    say('piece', digest, piece);
  }
  await store.complete(digest);
  await store.pin([digest], true);
  say('pinned', digest);
}

async function byPush(): Promise<void> {
  const bytes = randomBytes(MiB);
  const { id } = await store.beginUpload();
  await store.append(id, bodyOf(bytes), undefined);
  await store.finishUpload(id, digestOf(bytes));
  say('blob', digestOf(bytes));
}

for (;;) {
  await Promise.all([byPieces(), byPieces(), byPush()]);
  say('blob', await store.write(randomBytes(1_000)));
}
