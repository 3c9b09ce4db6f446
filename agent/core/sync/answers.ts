import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { catalogSummary } from '../catalog/catalog.ts';
import type { SignedHostRecord } from '../catalog/host-record.ts';
import type { CatalogRecord } from '../catalog/record.ts';
import { assertNever, type Context } from '../context.ts';
import type { LivenessUpdate } from '../mesh/messages.ts';
import { inBatches } from './batches.ts';
import { bounds } from './bounds.ts';
import {
  differingLeaves,
  keysOfLeaves,
  keysWanted,
  leafHashes,
  recordBytes,
  recordsLacking,
  recordsOf,
  upperHashes,
} from './compare-catalog.ts';
import { hostRecordBytes, newerThan, olderThan, unknownTo } from './compare-hosts.ts';
import type { SyncEffect, SyncMessage, SyncView } from './exchange.ts';
import { refill, type SyncPeer } from './peers.ts';

type MessageOf<K extends SyncMessage['type']> = Extract<SyncMessage, { type: K }>;

/** About what any message costs to make and to send, and what an entry of a list takes. Bytes. */
const MESSAGE_BYTES = 256;
const ENTRY_BYTES = 96;

export const summaryOf = (view: SyncView, isReply: boolean): MessageOf<'summary'> => ({
  type: 'summary',
  liveness: view.liveness.livenessHash(),
  hosts: view.hosts.summary(),
  catalog: catalogSummary(view.catalog),
  isReply,
});

/** What one message of a peer calls for. Only what is received counts when the peer has used up its budget. */
export function answer(
  peer: SyncPeer,
  from: HostId,
  message: SyncMessage,
  view: SyncView,
  ctx: Context,
): readonly SyncEffect[] {
  switch (message.type) {
    case 'catalog-records':
      return [{ type: 'apply-catalog', from, records: message.records }];
    case 'host-records':
      return [{ type: 'apply-hosts', from, records: message.records.slice(0, limits.members) }];
    case 'liveness-list':
      return [
        { type: 'apply-liveness', from, updates: message.updates.slice(0, limits.members) },
        ...send(peer, from, ctx, () => (message.isReply ? [] : onLivenessList(message, view))),
      ];
    default:
      return send(peer, from, ctx, (bytes) => reply(message, view, ctx, bytes));
  }
}

type Question = Exclude<SyncMessage, { type: 'catalog-records' | 'host-records' | 'liveness-list' }>;

function reply(message: Question, view: SyncView, ctx: Context, totalBytes: number): readonly SyncMessage[] {
  switch (message.type) {
    case 'summary':
      return onSummary(message, view);
    case 'host-versions':
      return onHostVersions(message, view, ctx, totalBytes);
    case 'catalog-buckets':
      return onBuckets(message, view, ctx);
    case 'catalog-keys':
      return onKeys(message, view, ctx, totalBytes);
    case 'catalog-want':
      return catalogMessages(recordsOf(view.catalog, message.keys), totalBytes);
    default:
      return assertNever(message);
  }
}

/** Answers within the peer's budget. */
function send(
  peer: SyncPeer,
  to: HostId,
  ctx: Context,
  answers: (bytes: number) => readonly SyncMessage[],
): readonly SyncEffect[] {
  const budgetBytes = refill(peer, ctx.nowMs);
  if (budgetBytes <= 0) return [];
  const messages = answers(Math.min(budgetBytes, bounds.answerBytes));
  for (const message of messages) peer.budgetBytes -= messageBytes(message);
  // Also a question without an answer was work.
  peer.budgetBytes -= MESSAGE_BYTES;
  return messages.map((message) => ({ type: 'send', to, message }));
}

/** Equal: nothing to say. Else: so the other side can see whether this leads anywhere, and where we stand in each part. */
function onSummary(theirs: MessageOf<'summary'>, view: SyncView): readonly SyncMessage[] {
  const own = summaryOf(view, true);
  const messages: SyncMessage[] = [];
  if (own.liveness !== theirs.liveness) {
    messages.push({ type: 'liveness-list', updates: view.liveness.livenessList(), isReply: false });
  }
  if (own.hosts !== theirs.hosts) {
    messages.push({ type: 'host-versions', versions: view.hosts.versions(), isReply: false });
  }
  if (own.catalog !== theirs.catalog) messages.push({ type: 'catalog-buckets', hashes: upperHashes(view.catalog) });
  return messages.length === 0 ? [] : [own, ...messages];
}

/** Only what this member sees otherwise goes back. */
function onLivenessList(theirs: MessageOf<'liveness-list'>, view: SyncView): readonly SyncMessage[] {
  const name = ({ hostId, status, incarnation }: LivenessUpdate) => `${hostId} ${status} ${incarnation}`;
  const known = new Set(theirs.updates.map(name));
  const updates = view.liveness.livenessList().filter((update) => !known.has(name(update)));
  return updates.length === 0 ? [] : [{ type: 'liveness-list', updates, isReply: true }];
}

/** A first list is complete and is answered with what it lacks and what is wanted; a reply names what the peer wants. */
function onHostVersions(
  { versions, isReply }: MessageOf<'host-versions'>,
  { hosts }: SyncView,
  ctx: Context,
  totalBytes: number,
): readonly SyncMessage[] {
  const newer = newerThan(hosts, versions, ctx.nowMs);
  if (isReply) return hostMessages(newer, totalBytes);
  const wanted = olderThan(hosts, versions);
  return [
    ...(wanted.length === 0 ? [] : [{ type: 'host-versions' as const, versions: wanted, isReply: true }]),
    ...hostMessages([...unknownTo(hosts, versions), ...newer], totalBytes),
  ];
}

/** Upper buckets lead to leaves, leaves to keys. */
function onBuckets({ hashes }: MessageOf<'catalog-buckets'>, view: SyncView, ctx: Context): readonly SyncMessage[] {
  const messages: SyncMessage[] = [];
  const below = leafHashes(view.catalog, hashes);
  if (below.length > 0) messages.push({ type: 'catalog-buckets', hashes: below });
  const leaves = differingLeaves(view.catalog, hashes);
  if (leaves.length > 0) {
    messages.push({ type: 'catalog-keys', ...keysOfLeaves(view.catalog, leaves, ctx.rng()), isReply: false });
  }
  return messages;
}

function onKeys(
  { buckets, keys }: MessageOf<'catalog-keys'>,
  { catalog }: SyncView,
  ctx: Context,
  totalBytes: number,
): readonly SyncMessage[] {
  const wanted = keysWanted(catalog, keys, ctx.nowMs);
  return [
    ...(wanted.length === 0 ? [] : [{ type: 'catalog-want' as const, keys: wanted }]),
    ...catalogMessages(recordsLacking(catalog, buckets, keys, ctx.nowMs), totalBytes),
  ];
}

function catalogMessages(records: readonly CatalogRecord[], totalBytes: number): readonly SyncMessage[] {
  const batches = inBatches(records, recordBytes, { messageBytes: bounds.messageBytes, totalBytes });
  return batches.map((batch) => ({ type: 'catalog-records', records: batch }));
}

function hostMessages(records: readonly SignedHostRecord[], totalBytes: number): readonly SyncMessage[] {
  const batches = inBatches(records, hostRecordBytes, { messageBytes: bounds.messageBytes, totalBytes });
  return batches.map((batch) => ({ type: 'host-records', records: batch }));
}

/** About what a message takes on the wire. Bytes. */
function messageBytes(message: SyncMessage): number {
  switch (message.type) {
    case 'summary':
      return MESSAGE_BYTES;
    case 'liveness-list':
      return MESSAGE_BYTES + message.updates.length * ENTRY_BYTES;
    case 'host-versions':
      return MESSAGE_BYTES + message.versions.length * ENTRY_BYTES;
    case 'host-records':
      return message.records.reduce((bytes, record) => bytes + hostRecordBytes(record), MESSAGE_BYTES);
    case 'catalog-buckets':
      return MESSAGE_BYTES + (message.hashes.length * ENTRY_BYTES) / 4;
    case 'catalog-keys':
      return MESSAGE_BYTES + message.keys.length * ENTRY_BYTES * 2;
    case 'catalog-want':
      return MESSAGE_BYTES + message.keys.length * ENTRY_BYTES;
    case 'catalog-records':
      return message.records.reduce((bytes, record) => bytes + recordBytes(record), MESSAGE_BYTES);
    default:
      return assertNever(message);
  }
}
