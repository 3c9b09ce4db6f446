import { type FileHandle, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestParts } from '../../../protocol/digest.ts';
import type { Log } from '../../ports/log.ts';
import { makePrivateDirectory, readIfPresent, writePrivateFile } from '../local-files.ts';
import { BlobFiles } from './blob-files.ts';
import { DiskBlob } from './disk-blob.ts';
import { hashFile, hashPiece } from './file-bytes.ts';
import { type JournalRecord, journalText, parseJournal } from './journal.ts';
import { ALGORITHMS, blobFileOf, journalDigestOf, type Layout } from './layout.ts';
import { decodeMetadata } from './metadata.ts';
import { PartialFile } from './partial-file.ts';

/**
 * All blobs that a directory holds, made when missing. Removes what an end in the middle left: uploads, metadata without bytes,
 * partial blobs whose journal can not be read. Bytes whose metadata is damaged are hashed again rather than thrown away.
 */
export async function loadBlobs(layout: Layout, nowMs: number, log: Log): Promise<DiskBlob[]> {
  await makePrivateDirectory(layout.partial);
  await rm(layout.uploads, { recursive: true, force: true });
  await makePrivateDirectory(layout.uploads);
  const blobs = new Map<Digest, DiskBlob>();
  for (const algorithm of ALGORITHMS) {
    const root = join(layout.blobs, algorithm);
    await makePrivateDirectory(root);
    for (const prefix of await readdir(root)) {
      for (const blob of await loadFolder(layout, algorithm, join(root, prefix), nowMs, log))
        blobs.set(blob.digest, blob);
    }
  }
  for (const blob of await loadPartials(layout, blobs, log)) blobs.set(blob.digest, blob);
  return [...blobs.values()];
}

async function loadFolder(
  layout: Layout,
  algorithm: string,
  folder: string,
  nowMs: number,
  log: Log,
): Promise<DiskBlob[]> {
  const digests = new Set<Digest>();
  for (const name of await readdir(folder)) {
    const file = blobFileOf(algorithm, name);
    if (file !== undefined) digests.add(file.digest);
    else if (name.endsWith('.new')) await rm(join(folder, name), { force: true });
  }
  const loaded = await Promise.all([...digests].map((digest) => loadComplete(layout, digest, nowMs, log)));
  return loaded.filter((blob) => blob !== undefined);
}

async function loadComplete(layout: Layout, digest: Digest, nowMs: number, log: Log): Promise<DiskBlob | undefined> {
  const bytes = await stat(layout.blob(digest)).catch(() => undefined);
  const text = await readIfPresent(layout.metadata(digest)).catch(() => undefined);
  const metadata = text && decodeMetadata(text.toString('utf8'));
  if (metadata !== undefined && bytes?.size === metadata.sizeBytes) {
    const blob = DiskBlob.complete(digest, metadata);
    blob.usedAtMs = Math.round((await stat(layout.metadata(digest))).mtimeMs);
    return blob;
  }
  const blob = bytes && (await hashAgain(layout, digest, bytes.size, nowMs).catch(() => undefined));
  if (blob === undefined) await new BlobFiles(layout).remove(digest);
  if (bytes !== undefined) log.warn({ digest, isSound: blob !== undefined }, 'A blob had no sound metadata');
  return blob;
}

/** Undefined when the bytes are not what their name says. */
async function hashAgain(
  layout: Layout,
  digest: Digest,
  sizeBytes: number,
  nowMs: number,
): Promise<DiskBlob | undefined> {
  const { algorithm, hex } = digestParts(digest);
  const file = await open(layout.blob(digest), 'r');
  try {
    const hashes = await hashFile(file, sizeBytes, algorithm);
    if (hashes?.whole !== hex) return undefined;
    const metadata = { sizeBytes, addedAtMs: nowMs, isPinned: false, pieces: hashes.pieces };
    await new BlobFiles(layout).writeMetadata(digest, metadata);
    return DiskBlob.complete(digest, metadata);
  } finally {
    await file.close();
  }
}

async function loadPartials(layout: Layout, complete: ReadonlyMap<Digest, DiskBlob>, log: Log): Promise<DiskBlob[]> {
  const loaded: DiskBlob[] = [];
  const known = new Set<string>();
  const names = await readdir(layout.partial);
  for (const name of names) {
    const digest = journalDigestOf(name);
    if (digest === undefined || complete.has(digest)) continue;
    const blob = await loadPartial(layout, digest).catch((error: unknown) => {
      log.warn({ digest, error }, 'A partial blob could not be taken up again');
      return undefined;
    });
    if (blob === undefined) continue;
    loaded.push(blob);
    known.add(layout.journal(digest)).add(layout.partialBlob(digest));
  }
  for (const path of names.map((name) => join(layout.partial, name))) {
    if (!known.has(path)) await rm(path, { force: true });
  }
  return loaded;
}

async function loadPartial(layout: Layout, digest: Digest): Promise<DiskBlob | undefined> {
  const record = parseJournal(await readFile(layout.journal(digest), 'latin1'));
  if (record === undefined) return undefined;
  const file = await open(layout.partialBlob(digest), 'r+');
  try {
    if ((await file.stat()).size !== record.sizeBytes) return undefined;
    const blob = DiskBlob.missing(digest, record.sizeBytes, record.addedAtMs);
    blob.isPinned = record.isPinned;
    blob.usedAtMs = Math.round((await stat(layout.journal(digest))).mtimeMs);
    for (const [piece, sha256] of record.pieces) {
      const isSound =
        record.vouched.has(piece) || (await hashPiece(file, record.sizeBytes, piece))?.toString('hex') === sha256;
      if (!isSound) continue;
      blob.setPieceHash(piece, sha256);
      blob.progress.add(piece);
    }
    const settled = record.vouched.size === record.pieceLines ? record : await settle(layout, blob, file);
    blob.partial = PartialFile.resume(digest, layout, blob.progress, settled);
    return blob;
  } finally {
    await file.close();
  }
}

/** Writes the journal anew, with nothing but pieces that are on the disk. */
async function settle(layout: Layout, blob: DiskBlob, file: FileHandle): Promise<JournalRecord> {
  await file.datasync();
  const { sizeBytes, addedAtMs, isPinned } = blob;
  const pieces = new Map([...blob.progress.have].map((piece) => [piece, blob.pieceHash(piece)]));
  const text = journalText({ sizeBytes, addedAtMs, isPinned, pieces });
  await writePrivateFile(layout.journal(blob.digest), text);
  const record = parseJournal(text);
  if (record === undefined) throw new Error('a journal that was just written can not be read');
  return record;
}
