import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskStore } from '../../../agent/adapters/blobs/disk-store.ts';
import { systemClock } from '../../../agent/adapters/system-clock.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { bodyOf, cut, digestOf, fill, MiB, randomBytes } from './content.ts';

/*
 * Works on a disk of 8 MiB, which something else fills in the middle and leaves again. Prints one line for each step and what came
 * of it: `ok`, or the code of the error.
 */
const [disk = ''] = process.argv.slice(2);
const [directory, ballast] = [join(disk, 'store'), join(disk, 'ballast')];
const options = { directory, quotaBytes: 100 * MiB, reserveBytes: 0, clock: systemClock, log: silentLog };
let store = await DiskStore.open(options);

async function step(name: string, action: () => Promise<unknown>): Promise<void> {
  const outcome = await action().then(
    (value) => (typeof value === 'string' ? value : 'ok'),
    (error: unknown) => (error instanceof ShoalError ? error.code : String(error)),
  );
  console.log(`${name}: ${outcome}`);
}

async function fillDisk(): Promise<void> {
  const file = await open(ballast, 'w');
  try {
    for (;;) await file.write(Buffer.alloc(4_096, 1));
  } catch {
    await file.close();
  }
}

const never = new AbortController().signal;
const bytes = randomBytes(MiB);
const digest = digestOf(bytes);
const [first] = cut(bytes);
if (first === undefined) throw new Error('no piece');
const whole = randomBytes(300_000);
const wholeDigest = digestOf(whole);
const pushed = randomBytes(MiB);
const { id } = await store.beginUpload();
await fill(store, wholeDigest, whole);
await store.open(digest, bytes.length);
await store.append(id, bodyOf(pushed.subarray(0, 500_000)), undefined);

await fillDisk();
await step('a piece on the full disk', () => store.putPiece(digest, 0, first.part, first.sha256));
await step('the end of a blob on the full disk', () => store.complete(wholeDigest));
await step('a push on the full disk', () => store.append(id, bodyOf(pushed.subarray(500_000)), undefined));
await step('a manifest on the full disk', () => store.write(randomBytes(5_000)));
await step('a new blob on the full disk', () => store.open(digestOf(randomBytes(4)), MiB));

await rm(ballast);
await step('the pieces with space again', () => fill(store, digest, bytes));
await step('the end of a blob with space again', () => store.complete(digest));
await step('the end of the other', () => store.complete(wholeDigest));
await step('the rest of the push', async () => {
  const at = store.upload(id)?.offsetBytes ?? 0;
  await store.append(id, bodyOf(pushed.subarray(at)), at);
  await store.finishUpload(id, digestOf(pushed));
});
await store.pin([digest], true);
await step('a blob that is larger than the disk', () => store.open(digestOf(randomBytes(4)), 9 * MiB));
await step('a blob for which others must go', () => store.open(digestOf(randomBytes(4)), 6 * MiB));
await store.close();
store = await DiskStore.open(options);
for (const blob of store.list().filter((each) => each.isComplete)) {
  await step(`${blob.digest === digest ? 'the pinned blob' : 'another blob'} afterwards`, () =>
    store.verify(blob.digest, never),
  );
}
await store.close();
